import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { certificateCause, handshakeFault } from '../contract/certificate-fault.ts';
import type { Addresses, RunContext } from '../contract/context.ts';
import { endpoint, explained } from '../contract/network-error.ts';
import type { Json, Span } from '../contract/outcome.ts';
import { attemptsOf } from '../figures/attempts-detail.ts';
import { dialAny } from '../net/dial-any.ts';
import { Patience } from '../net/patience.ts';
import { secureOver } from '../net/secure.ts';
import { isFor } from '../net/server-identity.ts';
import { trustIn } from '../net/trust.ts';
import type { DnsOptions } from './descriptor.ts';
import { http1Line } from './http1-line.ts';
import { http2Line } from './http2-line.ts';
import type { Opened } from './line.ts';
import type { NamedResolver, Transport } from './resolver-option.ts';
import { streamLine } from './stream-line.ts';

/** Source: RFC 7858 section 3.1 and IANA's ALPN registry (dot); RFC 8484 section 5.2 (h2). */
const ALPN = { tls: ['dot'], https: ['h2', 'http/1.1'] } as const;

/**
 * Connects to that address of a resolver which answers first, over TCP, and over TLS where the transport wants it; the
 * set-up time begins with the first attempt and ends with the last handshake.
 * @throws RunFailure for an address that the policy refuses, the signal's reason
 */
export async function openLine(
  context: RunContext,
  addresses: Addresses,
  resolver: NamedResolver,
  transport: Exclude<Transport, 'udp'>,
  options: DnsOptions,
): Promise<Opened> {
  const timeoutMs = options.timeoutSeconds * 1000;
  const patience = new Patience(context.clock, timeoutMs);
  const fromMs = context.clock.monotonicMs();
  const dialled = await dialAny(context, addresses, { port: resolver.port, patience });
  const { attempts = [] } = attemptsOf(dialled, resolver.port);
  if (dialled.connection === null) {
    const { operation, ...fault } = dialled.finding;
    return { line: null, fault, operation, attempts };
  }
  const dialledMs = context.clock.monotonicMs();
  const { socket, address, startedMs, connectMs, connectBy, connectDuring } = dialled.connection;
  const at = endpoint(address, resolver.port);
  const isFirst = dialled.failed.length === 0;
  const setupMs = isFirst ? connectMs : startedMs + connectMs;
  const setupDuring = isFirst ? connectDuring : [{ fromMs, toMs: dialledMs }];
  const connected = { socket, address, at, setupMs, setupDuring, attempts };
  try {
    socket.setNoDelay(true);
    if (transport !== 'tcp') return await openSecure(context, connected, resolver, transport, options, patience);
    const setupBy = isFirst ? connectBy : 'process';
    const setup = { setupMs, setupBy, setupDuring, protocol: null, address, attempts } as const;
    return { line: streamLine(socket, context, timeoutMs, at), ...setup };
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

interface ConnectedSocket {
  readonly socket: Socket;
  readonly address: string;
  /** Address and port. */
  readonly at: string;
  /** From the start of the first attempt to the end of this one, ms. */
  readonly setupMs: number;
  readonly setupDuring: readonly Span[];
  readonly attempts: readonly Json[];
}

async function openSecure(
  context: RunContext,
  { socket, address, at, setupMs: connectedMs, setupDuring: connectDuring, attempts }: ConnectedSocket,
  resolver: NamedResolver,
  transport: 'tls' | 'https',
  options: DnsOptions,
  patience: Patience,
): Promise<Opened> {
  const { clock, signal } = context;
  const servername = options.serverName === '' ? resolver.host : options.serverName;
  const secured = await secureOver(socket, {
    servername,
    context: trustIn(options.ca).context,
    alpn: ALPN[transport],
    wantStaple: false,
    patience,
    clock,
    signal,
  });
  if (secured.secure === null)
    return {
      line: null,
      fault: handshakeFault(secured.code, address),
      operation: explained(`TLS handshake with ${at}: ${secured.code}`, secured.code),
      attempts,
    };
  const { secure, handshakeMs, during, chainFault } = secured;
  const distrust = options.verifyCertificate ? certificateFault(secure, chainFault, servername) : null;
  if (distrust !== null) {
    secure.on('error', () => {}).destroy();
    const fault = { cause: certificateCause(distrust), side: 'target' } as const;
    const operation = `verify the certificate of ${at} for ${servername}: ${distrust}`;
    return { line: null, fault, operation, attempts };
  }
  const waitMs = options.timeoutSeconds * 1000;
  const protocol = `${secure.getProtocol() ?? 'TLS'}${secure.alpnProtocol ? ` ${secure.alpnProtocol}` : ''}`;
  const setupDuring = [...connectDuring, during];
  const setupMs = connectedMs + handshakeMs;
  const setup = { setupMs, setupBy: 'process', setupDuring, protocol, address, attempts } as const;
  if (transport === 'tls') return { line: streamLine(secure, context, waitMs, at), ...setup };
  const way = { secure, authority: authorityOf(servername, resolver.port), path: resolver.path, at };
  const line = secure.alpnProtocol === 'h2' ? http2Line(way, context, waitMs) : http1Line(way, context, waitMs);
  return { line, ...setup };
}

function certificateFault(secure: TLSSocket, chainFault: string | null, name: string): string | null {
  if (chainFault !== null) return chainFault;
  const leaf = secure.getPeerX509Certificate();
  return leaf !== undefined && isFor(leaf, name) ? null : 'HOSTNAME_MISMATCH';
}

function authorityOf(name: string, port: number): string {
  const host = name.includes(':') ? `[${name}]` : name;
  return port === 443 ? host : `${host}:${port}`;
}
