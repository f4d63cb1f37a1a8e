import type { Socket } from 'node:net';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { certificateCause, handshakeFault } from '../contract/certificate-fault.ts';
import type { RunContext } from '../contract/context.ts';
import { dial } from '../contract/dial.ts';
import { faultOf } from '../contract/network-error.ts';
import { secureOver } from '../contract/secure.ts';
import { trustIn } from '../contract/trust.ts';
import type { DnsOptions } from './descriptor.ts';
import { http1Line } from './http1-line.ts';
import { http2Line } from './http2-line.ts';
import type { Endpoint, Opened } from './line.ts';
import type { NamedResolver, Transport } from './resolver-option.ts';
import { streamLine } from './stream-line.ts';

/** Source: RFC 7858 section 3.1 and IANA's ALPN registry (dot); RFC 8484 section 5.2 (h2). */
const ALPN = { tls: ['dot'], https: ['h2', 'http/1.1'] } as const;

/**
 * Connects to a resolver over TCP, and over TLS where the transport wants it; the set-up time ends with the last handshake.
 * @throws RunFailure for an address that the policy refuses, the signal's reason
 */
export async function openLine(
  context: RunContext,
  endpoint: Endpoint,
  resolver: NamedResolver,
  transport: Exclude<Transport, 'udp'>,
  options: DnsOptions,
): Promise<Opened> {
  const { clock, signal } = context;
  const timeoutMs = options.timeoutSeconds * 1000;
  const dialled = await dial(endpoint, { port: endpoint.port, timeoutMs, clock, signal });
  if (dialled.socket === null) {
    const { code, reporter } = dialled;
    const fault = code === 'timeout' ? ({ cause: 'timeout', side: 'path' } as const) : faultOf(code, reporter);
    return { line: null, fault, operation: `connect ${endpoint.at}: ${code}` };
  }
  const { socket, connectMs } = dialled;
  const peer = { socket, host: resolver.host, at: endpoint.at };
  try {
    context.permit(socket.remoteAddress ?? endpoint.address);
    socket.setNoDelay(true);
    if (transport !== 'tcp') return await openSecure(context, peer, connectMs, resolver, transport, options);
    return { line: streamLine(socket, context, timeoutMs, endpoint.at), setupMs: connectMs, protocol: null };
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

async function openSecure(
  context: RunContext,
  { socket, at }: { readonly socket: Socket; readonly at: string },
  connectMs: number,
  resolver: NamedResolver,
  transport: 'tls' | 'https',
  options: DnsOptions,
): Promise<Opened> {
  const { clock, signal } = context;
  const timeoutMs = Math.max(1, options.timeoutSeconds * 1000 - connectMs);
  const servername = options.serverName === '' ? resolver.host : options.serverName;
  const secured = await secureOver(socket, {
    servername,
    context: trustIn(options.ca).context,
    alpn: ALPN[transport],
    wantStaple: false,
    timeoutMs,
    clock,
    signal,
  });
  if (secured.secure === null)
    return { line: null, fault: handshakeFault(secured.code), operation: `TLS handshake with ${at}: ${secured.code}` };
  const { secure, handshakeMs, chainFault } = secured;
  const distrust = options.verifyCertificate ? certificateFault(secure, chainFault, servername) : null;
  if (distrust !== null) {
    secure.on('error', () => {}).destroy();
    const fault = { cause: certificateCause(distrust), side: 'target' } as const;
    return { line: null, fault, operation: `verify the certificate of ${at} for ${servername}: ${distrust}` };
  }
  const waitMs = options.timeoutSeconds * 1000;
  const protocol = `${secure.getProtocol() ?? 'TLS'}${secure.alpnProtocol ? ` ${secure.alpnProtocol}` : ''}`;
  const setup = { setupMs: connectMs + handshakeMs, protocol };
  if (transport === 'tls') return { line: streamLine(secure, context, waitMs, at), ...setup };
  const way = { secure, authority: authorityOf(servername, resolver.port), path: resolver.path, at };
  const line = secure.alpnProtocol === 'h2' ? http2Line(way, context, waitMs) : http1Line(way, context, waitMs);
  return { line, ...setup };
}

function certificateFault(secure: TLSSocket, chainFault: string | null, name: string): string | null {
  if (chainFault !== null) return chainFault;
  const wrongName = checkServerIdentity(name, secure.getPeerCertificate()) as NodeJS.ErrnoException | undefined;
  return wrongName === undefined ? null : (wrongName.code ?? 'HOSTNAME_MISMATCH');
}

function authorityOf(name: string, port: number): string {
  const host = name.includes(':') ? `[${name}]` : name;
  return port === 443 ? host : `${host}:${port}`;
}
