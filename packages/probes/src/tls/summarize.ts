import { certificateCause, handshakeFault } from '../contract/certificate-fault.ts';
import { connectFinding, endpoint, explained } from '../contract/network-error.ts';
import { absentRest, type Finding, type Json, type MetricValues, type Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason, Cause } from '../contract/verdict.ts';
import { attemptsDetail } from '../figures/attempts-detail.ts';
import type { TlsOptions } from './descriptor.ts';
import { tlsMetrics } from './metrics.ts';
import type { AttemptFailed, CertificateFacts, HandshakeFailed, Secured, TlsObservation } from './observation.ts';

const DAY_MS = 86_400_000;
const MOST_SHOWN = 10;
/** The service is up and its certificate is valid. */
const MILD: ReadonlySet<Cause> = new Set<Cause>(['threshold_exceeded', 'client_certificate_required']);

/** The outcome of a tls run; for an interrupted run, from its observations so far. */
export function summarize(observations: readonly TlsObservation[], target: Target, options: TlsOptions): Outcome {
  const secured = observations.find((seen) => seen.kind === 'secured');
  const attempts = observations.filter((seen) => seen.kind === 'attempt_failed');
  const port = target.port ?? 443;
  if (secured === undefined) {
    const failed = observations.find((seen) => seen.kind === 'handshake_failed');
    return notSecured(failed, attempts, port);
  }
  const metrics = metricsOf(secured);
  const finding = certificateFinding(secured, metrics.chain_days_left, options);
  return {
    verdict: finding === null ? 'up' : MILD.has(finding.cause) ? 'degraded' : 'down',
    ...(finding === null ? {} : { finding }),
    metrics,
    absent: absentRest(tlsMetrics, metrics, 'run_failed'),
    ...timingOf(secured, secured.handshakeMs === null ? 0 : 1),
    detail: { ...triedDetail(attempts, secured, port), ...detailOf(secured) },
  };
}

function notSecured(failed: HandshakeFailed | undefined, attempts: readonly AttemptFailed[], port: number): Outcome {
  const cancelled: Finding = { cause: 'cancelled', side: 'agent', operation: 'run' };
  const finding = failed === undefined ? (connectFinding(attempts, port) ?? cancelled) : handshakeFinding(failed, port);
  const metrics: MetricValues = failed === undefined ? {} : { connect_time_ms: failed.connectMs };
  const reason: AbsenceReason = finding.cause === 'timeout' ? 'timed_out' : 'run_failed';
  const blamed = finding.side === 'target' || finding.side === 'path';
  return {
    verdict: blamed ? 'down' : 'unknown',
    finding,
    metrics,
    absent: absentRest(tlsMetrics, metrics, reason),
    ...timingOf(failed, 0),
    detail: triedDetail(attempts, failed, port),
  };
}

/** Whose clock timed connecting, beside the handshakes that the process timed. */
function timingOf(
  connected: Secured | HandshakeFailed | undefined,
  handshakes: number,
): Pick<Outcome, 'stamps' | 'timedDuring'> {
  if (connected === undefined) return { stamps: { kernel: 0, process: handshakes } };
  const kernel = connected.connectBy === 'kernel' ? 1 : 0;
  const ofHandshake =
    connected.kind === 'secured'
      ? { handshake_time_ms: connected.handshakeDuring, validation_time_ms: [connected.validationDuring] }
      : {};
  return {
    stamps: { kernel, process: handshakes + 1 - kernel },
    timedDuring: { connect_time_ms: connected.connectDuring, ...ofHandshake },
  };
}

function handshakeFinding({ address, code }: HandshakeFailed, port: number): Finding {
  const operation = explained(`TLS handshake ${endpoint(address, port)}: ${code}`, code);
  return { ...handshakeFault(code, address), operation };
}

function metricsOf(secured: Secured) {
  const [leaf] = secured.path;
  const daysTo = (endMs: number) => (endMs - secured.wallMs) / DAY_MS;
  const endsMs = secured.path.map(({ notAfterMs }) => notAfterMs);
  return {
    connect_time_ms: secured.connectMs,
    ...(secured.handshakeMs === null ? {} : { handshake_time_ms: secured.handshakeMs }),
    validation_time_ms: secured.validationMs,
    days_left: daysTo(leaf?.notAfterMs ?? Number.NaN),
    chain_days_left: daysTo(Math.min(...endsMs)),
    chain_valid: secured.chainFault === null,
    name_matches: secured.nameMatches,
    ocsp_stapled: secured.stapled,
    protocol: secured.protocol,
    ...(secured.cipher === null ? {} : { cipher: secured.cipher }),
    key_type: leaf?.key ?? '',
  };
}

/** The certificate's worst fault; null if there is none. */
function certificateFinding(secured: Secured, chainDaysLeft: number, { minDaysLeft }: TlsOptions): Finding | null {
  const { chainFault, nameMatches, name, wantsClientCertificate } = secured;
  if (chainFault !== null)
    return {
      cause: certificateCause(chainFault),
      side: 'target',
      operation: `verify the certificate chain of ${name}: ${chainFault}`,
    };
  if (!nameMatches)
    return { cause: 'name_mismatch', side: 'target', operation: `find ${name} among the names of the certificate` };
  if (wantsClientCertificate)
    return {
      cause: 'client_certificate_required',
      side: 'target',
      operation: `TLS handshake with ${name}: the server wants a client certificate`,
    };
  if (chainDaysLeft >= minDaysLeft) return null;
  const operation = `the chain ends in ${chainDaysLeft.toFixed(1)} days, expected at least ${minDaysLeft}`;
  return { cause: 'threshold_exceeded', side: 'target', operation };
}

function triedDetail(
  attempts: readonly AttemptFailed[],
  connected: Secured | HandshakeFailed | undefined,
  port: number,
): Outcome['detail'] {
  const tried = attempts.map(({ address, code }): Json => ({ address: endpoint(address, port), error: code }));
  const failed = attempts.map(({ address, startedMs, afterMs, code }) => ({
    address,
    startedMs,
    tookMs: afterMs,
    code,
  }));
  const { address = '', startedMs = 0, connectMs: tookMs = 0 } = connected ?? {};
  const won = connected === undefined ? [] : [{ address, startedMs, tookMs }];
  const shown = attemptsDetail([...failed, ...won], port);
  return { ...(tried.length === 0 ? {} : { failed_attempts: tried }), ...shown };
}

function detailOf({ address, name, alpn, path, sent, chainFault, timedFault }: Secured): Outcome['detail'] {
  return {
    address,
    name,
    ...(alpn === null ? {} : { alpn }),
    ...(chainFault === null ? {} : { chain_fault: chainFault }),
    ...(meaning(timedFault) === meaning(chainFault) ? {} : { timed_check: timedFault ?? 'valid' }),
    certificates_sent: sent,
    chain: path.slice(0, MOST_SHOWN).map(certificateDetail),
    ...(path.length > MOST_SHOWN ? { chain_left_out: path.length - MOST_SHOWN } : {}),
  };
}

/** OpenSSL has several codes for a missing issuer. */
const meaning = (fault: string | null): Cause | null => (fault === null ? null : certificateCause(fault));

function certificateDetail({ notBeforeMs, notAfterMs, names, namesLeftOut, ...facts }: CertificateFacts): Json {
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    serial: facts.serial,
    fingerprint_sha256: facts.fingerprint256,
    names,
    ...(namesLeftOut > 0 ? { names_left_out: namesLeftOut } : {}),
    not_before: new Date(notBeforeMs).toISOString(),
    not_after: new Date(notAfterMs).toISOString(),
    key: facts.key,
  };
}
