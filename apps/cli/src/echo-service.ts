import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Longest silence on a TCP connection before it is closed, ms. */
const IDLE_MS = 300_000;

export interface EchoService {
  readonly host: string;
  /** The same for TCP and UDP. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Gives back what it gets, over TCP (RFC 862 section 1) and UDP (RFC 862 section 2). Port 0: any that is free on both.
 * @throws the system's error when the address cannot be listened on.
 */
export async function openEchoService(host: string, port: number): Promise<EchoService> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  tcp.listen(port, host);
  await once(tcp, 'listening');
  const { port: bound } = tcp.address() as AddressInfo;
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (message, from) => udp.send(message, from.port, from.address));
  udp.bind(bound, host);
  try {
    await once(udp, 'listening');
  } catch (error) {
    tcp.close();
    throw error;
  }
  return {
    host,
    port: bound,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => udp.close(done))]);
    },
  };
}
