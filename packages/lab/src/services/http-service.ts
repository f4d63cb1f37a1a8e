import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { answer, type EdgeStore } from './http-answer.ts';
import type { HttpBehaviour } from './http-behaviour.ts';
import { newLedger } from './ledger.ts';
import { listen } from './listening.ts';
import type { Listening, Service } from './service.ts';
import { listenTls } from './tls-front.ts';
import { DEFAULT_NAMES, presentedLeaf, type TlsSettings, tlsFacts, tlsServerOptions } from './tls-options.ts';

/** An HTTP or HTTPS server. Each request's query can change its behaviour for that request. */
export interface HttpConfig extends Listening, TlsSettings {
  readonly kind: 'http' | 'https';
  readonly behaviour?: HttpBehaviour;
}

/** One request. Requests with the same `connection` used the same TCP connection. */
export interface HttpSeen {
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly connection: number;
}

export async function startHttp(config: HttpConfig): Promise<Service> {
  const ledger = newLedger<HttpSeen>();
  const edge: EdgeStore = new Map();
  const numbers = new WeakMap<Socket, number>();
  let connections = 0;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = numbers.get(request.socket) ?? ++connections;
    numbers.set(request.socket, connection);
    const { method = '', url = '', headers } = request;
    ledger.add({ atMs: Date.now(), method, url, headers, connection });
    answer(request, response, config.behaviour ?? {}, edge).catch(() => response.destroy());
  };
  if (config.kind === 'http') {
    const { port, close } = await listen(tuned(createHttpServer(handle)), config);
    return { facts: { kind: 'http', port }, seen: ledger.entries, close };
  }
  const leaf = presentedLeaf(config, DEFAULT_NAMES);
  const secure = createHttpsServer({ ...tlsServerOptions(config, leaf), ALPNProtocols: ['http/1.1'] }, handle);
  const { port, close } = await listenTls(tuned(secure), leaf, config, config);
  return { facts: { kind: 'https', port, ...tlsFacts(leaf) }, seen: ledger.entries, close };
}

function tuned<S extends Pick<Server, 'keepAliveTimeout'>>(server: S): S {
  server.keepAliveTimeout = 30_000;
  return server;
}
