import type { IncomingMessage } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Headers that only speak of the upgrade. Source: RFC 9110 section 7.8; HTTP2-Settings: RFC 7540 section 3.2.1. */
const OF_UPGRADE = new Set(['upgrade', 'http2-settings']);

/**
 * Answers a request as if it had offered no upgrade, which a server may ignore (RFC 9110 section 7.8): Node has stopped
 * reading HTTP on the connection by now, so the request is put back in front of it without the offer and read again.
 */
export function ignoreUpgrade(app: FastifyInstance, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.unshift(Buffer.concat([Buffer.from(withoutOffer(request), 'latin1'), head]));
  app.server.emit(app.server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

/** The request's head as it would have been without the offer. */
function withoutOffer({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (OF_UPGRADE.has(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? otherOptions(value) : value;
    if (kept !== '' || value === '') lines.push(`${name}: ${kept}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const otherOptions = (connection: string): string =>
  connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !OF_UPGRADE.has(option.toLowerCase()))
    .join(', ');
