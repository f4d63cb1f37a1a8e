import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server, type Socket } from 'node:net';
import type { Listening } from './config.ts';

/** A listening TCP server whose open connections end with it. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens and tracks connections. */
export async function listen(server: Server, where: Listening): Promise<Listener> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  server.listen({ host: where.host ?? '127.0.0.1', port: where.port ?? 0, backlog: 4096 });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** UDP sockets on one port; each answers from the address that was asked. */
export interface DatagramPort {
  readonly port: number;
  close(): Promise<void>;
}

/** Sends an answer to whoever asked; does nothing once the port is closed. */
export type Answer = (bytes: Uint8Array) => void;

/** Binds a UDP socket per address (on `::` it takes IPv4 too) and gives each message to `onMessage`. */
export async function bindDatagrams(
  where: Listening,
  onMessage: (message: Buffer, answer: Answer) => void,
): Promise<DatagramPort> {
  const sockets: DatagramSocket[] = [];
  let port = where.port ?? 0;
  let open = true;
  for (const host of where.hosts ?? [where.host ?? '127.0.0.1']) {
    const socket = await bindOne(host, port);
    port = socket.address().port;
    sockets.push(socket);
    socket.on('message', (message, from) => {
      onMessage(message, (bytes) => {
        if (open) socket.send(bytes, from.port, from.address);
      });
    });
  }
  return {
    port,
    async close() {
      open = false;
      await Promise.all(sockets.map(closeOne));
    },
  };
}

async function bindOne(host: string, port: number): Promise<DatagramSocket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
  socket.bind({ address: host, port });
  await once(socket, 'listening');
  socket.on('error', () => {});
  return socket;
}

async function closeOne(socket: DatagramSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
