import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import {
  MAX_FRAME_BYTES,
  type PeerVersion,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  readPeerVersion,
  SERVER_HEADER,
  SESSION_PATH,
  versionFault,
} from '@netsonde/protocol';
import { type PairWatch, watchPair } from '@netsonde/sockets/host';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AgentLog } from '../log.ts';
import { Seldom } from '../seldom.ts';
import { type Dialled, tlsBinding } from './dial.ts';
import { Doorway } from './doorway.ts';
import { handshake, SessionRejected } from './handshake.ts';
import { Inbox } from './inbox.ts';
import type { ListenOptions } from './listen-address.ts';
import type { Greeting, Reached, Way } from './way.ts';

/** For a server of another version: the header names this agent's version. */
const UPGRADE_REQUIRED = `HTTP/1.1 426 Upgrade Required\r\n${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const HEADERS_MS = 5000;
const MAX_HEADER_BYTES = 8192;

interface Waiting {
  resolve(reached: Reached): void;
  reject(error: Error): void;
}

/** The agent listens and its server dials it. A caller that does not prove to be that server is refused. */
export class Listening implements Way {
  readonly backsOff = false;
  readonly #server: Server;
  readonly #upgrader = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  readonly #doorway = new Doorway();
  readonly #greeting: Greeting;
  readonly #log: AgentLog;
  readonly #certificate: PairWatch | null;
  readonly #turnedAway: Seldom;
  #reached: Reached | null = null;
  #waiting: Waiting | null = null;
  #onReconnect: (() => void) | null = null;
  #closed = false;

  constructor(server: Server, greeting: Greeting, log: AgentLog, certificate: PairWatch | null) {
    this.#certificate = certificate;
    this.#server = server;
    this.#greeting = greeting;
    this.#log = log;
    this.#turnedAway = new Seldom((message) => log.warn(message), performance.now.bind(performance));
    this.#upgrader.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}`));
    server.on('connection', (socket: Socket) => this.#doorway.entered(socket));
    server.on('request', ({ socket }) => refuse(socket));
    server.on('clientError', (_error, socket) => socket.destroy());
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('upgrade', (request, socket, head) => this.#knock(request, socket, head));
  }

  get text(): string {
    const { address } = this.#server.address() as AddressInfo;
    return `${isIPv6(address) ? `[${address}]` : address}:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  next(signal: AbortSignal): Promise<Reached> {
    const reached = this.#reached;
    this.#reached = null;
    if (reached !== null && reached.dialled.socket.readyState === reached.dialled.socket.OPEN)
      return Promise.resolve(reached);
    return new Promise((resolve, reject) => {
      const give = () => reject(new Error('the agent is shutting down'));
      const done = <Value>(act: (value: Value) => void) => {
        return (value: Value) => {
          this.#waiting = null;
          signal.removeEventListener('abort', give);
          act(value);
        };
      };
      this.#waiting = { resolve: done(resolve), reject: done(reject) };
      signal.addEventListener('abort', give);
      if (signal.aborted) give();
    });
  }

  onReconnect(callback: (() => void) | null): void {
    this.#onReconnect = callback;
  }

  async reload(): Promise<void> {
    await this.#certificate?.check();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#certificate?.close();
    this.#doorway.close();
    for (const socket of this.#upgrader.clients) socket.terminate();
    this.#reached?.dialled.socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** A caller requests a session. Only one that names a key that this agent knows is answered. */
  #knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.#closed || request.url !== SESSION_PATH || !this.#isNamed(request)) {
      this.#turnAway(request, 'it does not name the server of this agent');
      refuse(socket);
      return;
    }
    const version = readPeerVersion(request.headers[PROTOCOL_HEADER]);
    const fault = versionFault(version, 'server');
    if (fault !== null) {
      this.#turnAway(request, fault);
      socket.end(UPGRADE_REQUIRED, () => socket.destroy());
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => this.#greet(request, webSocket, version));
  }

  #isNamed({ headers }: IncomingMessage): boolean {
    const named = String(headers[SERVER_HEADER] ?? '').split(',');
    return this.#greeting.pins().some((pin) => named.includes(pin));
  }

  #greet(request: IncomingMessage, socket: WebSocket, version: PeerVersion): void {
    const bindings = [request.socket instanceof TLSSocket ? tlsBinding(request.socket) : ''];
    const dialled: Dialled = { socket, inbox: new Inbox(socket), bindings, version };
    let isServer = false;
    const proved = () => {
      isServer = true;
      this.#doorway.proved(request.socket);
    };
    handshake(dialled, this.#greeting.introduce(), proved).then(
      (both) => this.#deliver({ dialled, proved: both }),
      (error: unknown) => {
        socket.terminate();
        const known = error instanceof Error ? error : new Error(String(error));
        if (isServer) this.#failed(known);
        else this.#turnAway(request, known.message);
      },
    );
  }

  #deliver(reached: Reached): void {
    const { socket } = reached.dialled;
    if (this.#closed) socket.terminate();
    else if (this.#waiting !== null) this.#waiting.resolve(reached);
    else {
      this.#reached?.dialled.socket.terminate();
      this.#reached = reached;
      this.#onReconnect?.();
    }
  }

  /** The server itself refuses the session; for good only where the agent has none. */
  #failed(error: Error): void {
    this.#log.warn(`the server dialled, but there is no session: ${error.message}`);
    if (error instanceof SessionRejected && !error.retry) this.#waiting?.reject(error);
  }

  #turnAway({ socket: { remoteAddress } }: IncomingMessage, why: string): void {
    this.#turnedAway.say(`a connection from ${remoteAddress ?? 'somewhere'} was turned away: ${why}`);
  }
}

/** Starts to listen. @throws Error that says what to do. */
export async function listening(
  { host, port, loopback, tls }: ListenOptions,
  greeting: Greeting,
  log: AgentLog,
): Promise<Listening> {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: 1000,
  };
  const server =
    tls === null
      ? createServer(limits)
      : secureServer({ ...limits, cert: tls.cert, key: tls.key, handshakeTimeout: HEADERS_MS });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(explain(error, host, port));
  }
  const certificate = tls === null ? null : watchCertificate(server as SecureServer, tls, log);
  const way = new Listening(server, greeting, log, certificate);
  log.info(
    `listens for its server at ${way.text}: enter ${tls === null ? 'http' : 'https'}://<this host>:${way.port} there (POST /api/v1/agents/listening)`,
  );
  if (tls === null && !loopback)
    log.warn(
      `UNENCRYPTED: sessions with ${way.text} can be read and changed by anyone on the way: give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a tunnel`,
    );
  return way;
}

function secureServer(options: Parameters<typeof createSecureServer>[0]): Server {
  try {
    return createSecureServer(options);
  } catch (error) {
    throw new Error(
      `--tls-cert and --tls-key cannot be used (${error instanceof Error ? error.message : error}): give a certificate and its key in PEM`,
    );
  }
}

/** Uses a renewed certificate for new connections. The session that there is goes on. */
function watchCertificate(server: SecureServer, tls: NonNullable<ListenOptions['tls']>, log: AgentLog): PairWatch {
  return watchPair(tls.files, tls, {
    taken(pair, validTo) {
      server.setSecureContext({ ...pair });
      log.info(`the certificate in --tls-cert was renewed: it is in use now, and valid until ${validTo}`);
    },
    refused: (why) =>
      log.error(`--tls-cert and --tls-key: new files are not used, the certificate before stays: ${why}`),
  });
}

function explain(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  switch (code) {
    case 'EADDRINUSE':
      return `--listen: another program listens at ${host}:${port} already: stop it, or choose another port`;
    case 'EACCES':
      return `--listen: this process may not listen on port ${port}: choose a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `--listen: ${host} is no address of this host: use 0.0.0.0, or one that it has`;
    default:
      return `--listen: ${host}:${port} cannot be listened at: ${error instanceof Error ? error.message : error}`;
  }
}

function refuse(socket: Duplex): void {
  socket.end(NOT_FOUND, () => socket.destroy());
}
