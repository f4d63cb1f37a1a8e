import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type DnsBehaviour, type DnsResolver, type DnsTransport, newResolver } from './dns-resolver.ts';
import { bindDatagrams, listen, onOnePort } from './listening.ts';
import type { Listening, Service } from './service.ts';
import { listenTls } from './tls-front.ts';
import { DEFAULT_NAMES, presentedLeaf, type TlsSettings, tlsFacts, tlsServerOptions } from './tls-options.ts';

/** A DNS server over UDP and TCP on one port, and on request over TLS and HTTPS on their own ports. */
export interface DnsConfig extends Listening, DnsBehaviour, TlsSettings {
  readonly kind: 'dns';
  /** Serves DNS over TLS and DNS over HTTPS (path /dns-query) too. */
  readonly encrypted?: boolean;
  /** Ports of these two; any when absent. */
  readonly tlsPort?: number;
  readonly httpsPort?: number;
}

export async function startDns(config: DnsConfig): Promise<Service> {
  const resolver = newResolver(config);
  const { tcp, udp } = await onOnePort(config.port, () => listenPlain(config, resolver));
  const encrypted = config.encrypted ? await startEncrypted(config, resolver) : undefined;
  return {
    facts: { kind: 'dns', port: tcp.port, ...encrypted?.facts },
    seen: resolver.seen,
    async close() {
      await Promise.all([tcp.close(), udp.close(), encrypted?.close()]);
    },
  };
}

/** TCP, and UDP on the port that TCP was assigned. */
async function listenPlain(config: DnsConfig, resolver: DnsResolver) {
  const tcp = await listen(
    createTcpServer({ noDelay: true }, (socket) => serveStream(socket, resolver, 'tcp')),
    config,
  );
  try {
    const udp = await bindDatagrams({ ...config, port: tcp.port }, async (query, answer) => {
      const bytes = await resolver.resolve(query, 'udp');
      if (bytes !== undefined) answer(bytes);
    });
    return { tcp, udp };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

async function startEncrypted(config: DnsConfig, resolver: DnsResolver) {
  const leaf = presentedLeaf(config, DEFAULT_NAMES);
  const options = tlsServerOptions(config, leaf);
  const secure = createTlsServer({ ...options, ALPNProtocols: ['dot'] }, (socket) =>
    serveStream(socket, resolver, 'tls'),
  );
  const web = createHttpsServer(options, (request, response) => {
    serveHttps(request, response, resolver).catch(() => response.destroy());
  });
  const tls = await listenTls(secure, leaf, config, { ...config, port: config.tlsPort ?? 0 });
  const https = await listenTls(web, leaf, config, { ...config, port: config.httpsPort ?? 0 });
  return {
    facts: { tlsPort: tls.port, httpsPort: https.port, ...tlsFacts(leaf) },
    close: async (): Promise<void> => {
      await Promise.all([tls.close(), https.close()]);
    },
  };
}

/** Messages with a two-byte length prefix each. Source: RFC 1035 section 4.2.2 */
function serveStream(socket: Socket, resolver: DnsResolver, transport: DnsTransport): void {
  let rest = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', async (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const query = rest.subarray(2, end);
      rest = rest.subarray(end);
      const answer = await resolver.resolve(query, transport);
      if (answer === undefined || !socket.writable) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}

/** GET with the message in base64url, or POST with it as the body. Source: RFC 8484 section 4.1 */
async function serveHttps(request: IncomingMessage, response: ServerResponse, resolver: DnsResolver): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://lab.test');
  if (url.pathname !== '/dns-query') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const query =
    request.method === 'POST' ? Buffer.concat(chunks) : Buffer.from(url.searchParams.get('dns') ?? '', 'base64url');
  const answer = await resolver.resolve(query, 'https');
  if (answer === undefined) return;
  response.writeHead(200, { 'Content-Type': 'application/dns-message', 'Content-Length': answer.length }).end(answer);
}
