import type { Evidence, Finding } from './outcome.ts';
import type { Cause, Side } from './verdict.ts';

/** The finding of a failed network call, without the operation's name. */
export interface NetworkFault {
  readonly cause: Cause;
  readonly side: Side;
  /** The evidence by which `execute` decides the side, where it is not certain; see {@link Evidence}. */
  readonly evidence?: readonly Evidence[];
}

/**
 * Who reported a failure. `local`: this host's kernel refused the call before anything could leave. `network`: the
 * report arrived later, from the far end or from a router on the path.
 */
export type Reporter = 'local' | 'network';

/**
 * Replaces an errno where this process was stalled (suspended, or its event loop busy) while an answer may have
 * arrived. The fault is on the agent's side, whatever the target does.
 */
export const AGENT_STALLED = 'agent_stalled';

/**
 * Replaces the code of a TLS alert by which the server asks for a client certificate, at any point of the handshake.
 */
export const CLIENT_CERTIFICATE_REQUIRED = 'client_certificate_required';

/** OpenSSL's code for a message over its limits. They are this host's, so the target is not at fault. */
const MESSAGE_TOO_LONG = 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE';

const fault = (cause: Cause, side: Side): NetworkFault => Object.freeze({ cause, side });

/** Failures whose meaning does not depend on the reporter. */
const FAULTS: Readonly<Record<string, NetworkFault>> = Object.freeze({
  ECONNREFUSED: fault('refused', 'target'),
  ENOPROTOOPT: fault('refused', 'target'),
  EPROTO: fault('protocol_violation', 'target'),
  ECONNRESET: fault('reset', 'target'),
  ECONNABORTED: fault('reset', 'target'),
  EPIPE: fault('reset', 'target'),
  ETIMEDOUT: fault('timeout', 'path'),
  EHOSTDOWN: fault('unreachable', 'path'),
  ENONET: fault('unreachable', 'path'),
  [AGENT_STALLED]: fault('local_resource', 'agent'),
  ENETDOWN: fault('local_network', 'agent'),
  EADDRNOTAVAIL: fault('local_resource', 'agent'),
  EADDRINUSE: fault('local_resource', 'agent'),
  EMFILE: fault('local_resource', 'agent'),
  ENFILE: fault('local_resource', 'agent'),
  ENOBUFS: fault('local_resource', 'agent'),
  ENOMEM: fault('local_resource', 'agent'),
  EPERM: fault('permission', 'agent'),
  EAFNOSUPPORT: fault('unsupported', 'agent'),
  EPROTONOSUPPORT: fault('unsupported', 'agent'),
  EOPNOTSUPP: fault('unsupported', 'agent'),
  [CLIENT_CERTIFICATE_REQUIRED]: fault('client_certificate_required', 'target'),
  [MESSAGE_TOO_LONG]: fault('local_resource', 'agent'),
  not_supported: fault('unsupported', 'agent'),
  EINVAL: fault('unsupported', 'agent'),
});

/** Failures of routing, filtering and size, which both this host and a router can report. */
const ROUTING = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EMSGSIZE']);

const INTERNAL = fault('internal', 'agent');
const TLS_FAILED = fault('tls_failed', 'target');

/** An alert of TLS 1.3 that names what is missing. Source: RFC 8446 section 6.2 (certificate_required) */
const isClientCertificateAlert = (code: string): boolean => code.endsWith('_ALERT_CERTIFICATE_REQUIRED');

/**
 * Cause and side of a failed socket call, from its errno's name (`ECONNREFUSED`). A name not listed is `internal`, on
 * the agent's side: it never makes a target `down`.
 * @param reporter who reported it; matters only for ENETUNREACH, EHOSTUNREACH, EACCES and EMSGSIZE.
 */
export function faultOf(code: string, reporter: Reporter = 'network'): NetworkFault {
  if (isClientCertificateAlert(code)) return faultOf(CLIENT_CERTIFICATE_REQUIRED);
  if (!ROUTING.has(code)) return FAULTS[code] ?? (/^ERR_(SSL|TLS)_/.test(code) ? TLS_FAILED : INTERNAL);
  if (reporter === 'network') return fault('unreachable', 'path');
  if (code === 'EMSGSIZE') return fault('unsupported', 'agent');
  return code === 'EACCES' ? fault('permission', 'agent') : fault('local_network', 'agent');
}

/** Codes of calls without an answer in time: our own wait ended, or the kernel's. */
const SILENCES = new Set(['timeout', 'ETIMEDOUT']);
const UNREACHABLES = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENONET', 'EACCES']);

/**
 * Evidence that nothing arrived from an address in time.
 * @param heard whether its host answered earlier in this run
 */
export function silenceOf(address: string, heard = false): NetworkFault {
  const evidence: Evidence = heard ? { address, fact: 'silence', heard } : { address, fact: 'silence' };
  return { cause: 'timeout', side: heard ? 'target' : 'path', evidence: [evidence] };
}

/**
 * Cause, side and evidence of a failed call towards an address.
 * @param from who sent the ICMP error, where that is known
 */
export function failureAt(address: string, code: string, reporter: Reporter = 'network', from?: string): NetworkFault {
  if (SILENCES.has(code)) return silenceOf(address);
  const found = faultOf(code, reporter);
  if (!UNREACHABLES.has(code) || found.cause === 'permission') return found;
  const fact = reporter === 'local' ? 'local' : 'unreachable';
  return { ...found, evidence: [from === undefined ? { address, fact } : { address, fact, from }] };
}

/** An attempt to connect that failed. */
export interface FailedCall {
  readonly address: string;
  /** An errno's name, `timeout` or {@link AGENT_STALLED}. */
  readonly code: string;
  readonly reporter: Reporter;
}

/**
 * The decisive attempt when all failed: one in which this process was stalled, else one that the target's host
 * rejected, else one that was lost on the path. An attempt that this host refused counts least.
 */
export function decisiveOf<Attempt extends FailedCall>(failed: readonly Attempt[]): Attempt | undefined {
  const sideOf = ({ address, code, reporter }: Attempt): Side => failureAt(address, code, reporter).side;
  return (
    failed.find(({ code }) => code === AGENT_STALLED) ??
    failed.find((attempt) => sideOf(attempt) === 'target') ??
    failed.findLast((attempt) => sideOf(attempt) === 'path') ??
    failed.at(-1)
  );
}

/** Why none of the attempts to connect led to a connection; undefined without an attempt. */
export function connectFinding(failed: readonly FailedCall[], port: number): Finding | undefined {
  const decisive = decisiveOf(failed);
  if (decisive === undefined) return undefined;
  const { cause, side, evidence } = failureAt(decisive.address, decisive.code, decisive.reporter);
  const operation = explained(`connect ${endpoint(decisive.address, port)}`, decisive.code);
  if (evidence === undefined) return { cause, side, operation };
  const others = failed.filter((attempt) => attempt !== decisive);
  const more = others.flatMap(({ address, code, reporter }) => failureAt(address, code, reporter).evidence ?? []);
  return { cause, side, operation, evidence: [...evidence, ...more] };
}

/** The errno's name in an error of Node or of our kernel calls; `unknown` when there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

/** The operation's text in a finding. It adds why, if this process or a limit of this host made it fail. */
export function explained(operation: string, code: string): string {
  if (code === AGENT_STALLED) return `${operation}: this process was stalled meanwhile (suspended, or too busy)`;
  if (code === MESSAGE_TOO_LONG)
    return `${operation}: a message of the server is longer than OpenSSL reads (of certificates: 102,400 bytes)`;
  return operation;
}

/** An address and port as written in operations: `127.0.0.1:80`, `[::1]:80`. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
