import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Longest silence on a TCP connection before it is closed, ms. */
const IDLE_MS = 300_000;

export interface EchoService {
  readonly host: string;
  /** The same port for TCP and UDP. */
  readonly port: number;
  close(): Promise<void>;
}

/** Ports below this belong to services. A kernel assigns client ports from the second number on. */
const FIRST_USER_PORT = 1024;
const FIRST_CLIENT_PORT = 32_768;
/** At most this many free TCP ports are tried until one is free for UDP too. */
const TRIES = 20;

/**
 * Returns what it receives, over TCP (RFC 862 section 1) and UDP (RFC 862 section 2). Port 0: any that is free on
 * both. It does not answer datagrams from a port below 1024, nor from its own port number where no client gets that
 * one by chance. Those are answers of another service, or forged to make two services answer each other for ever.
 * @throws the system's error when it cannot listen on the address.
 */
export async function openEchoService(host: string, port: number): Promise<EchoService> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await openOn(host, port);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (port !== 0 || !taken || left <= 1) throw error;
    }
  }
}

async function openOn(host: string, port: number): Promise<EchoService> {
  const tcp = await openTcp(host, port);
  try {
    const udp = await openUdp(host, tcp.port);
    return {
      host,
      port: tcp.port,
      async close() {
        await Promise.all([tcp.close(), udp.close()]);
      },
    };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

async function openTcp(host: string, port: number): Promise<Omit<EchoService, 'host'>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/**
 * The kernel's packet information makes each answer leave from the address that was asked. Systems other than Linux
 * answer through a plain socket: there, an answer may leave from another address when the service listens on all of
 * them.
 */
async function openUdp(host: string, port: number): Promise<{ close(): Promise<void> }> {
  const { openUdpEcho, whyNotSupported } = await import('@netsonde/sockets');
  if (whyNotSupported() !== undefined) return openPlainUdp(host, port);
  const exceptPort = port < FIRST_CLIENT_PORT ? port : 0;
  return openUdpEcho({ address: host, port, leastPort: FIRST_USER_PORT, exceptPort });
}

async function openPlainUdp(host: string, port: number): Promise<{ close(): Promise<void> }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  // A sender that cannot be answered gets no answer. Others are not affected.
  const unanswered = () => {};
  socket.on('message', (message, from) => {
    if (!isService(from.port, port)) socket.send(message, from.port, from.address, unanswered);
  });
  socket.bind(port, host);
  const close = () => new Promise<void>((done) => socket.close(done));
  try {
    await once(socket, 'listening');
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

const isService = (port: number, own: number): boolean =>
  port < FIRST_USER_PORT || (port === own && own < FIRST_CLIENT_PORT);
