import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server, type Socket } from 'node:net';
import type { Listening } from './service.ts';

/** A listening TCP server that closes its open connections when it ends. */
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

const MOST_PORTS = 20;

/**
 * Opens several sockets on one port. Where any port is allowed, it tries again while the first socket's port is in use
 * for the next. @param wanted the port; 0 or absent: any
 */
export async function onOnePort<Opened>(wanted: number | undefined, open: () => Promise<Opened>): Promise<Opened> {
  for (let left = MOST_PORTS - 1; ; left -= 1)
    try {
      return await open();
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || left === 0 || (wanted ?? 0) !== 0) throw error;
    }
}

/** UDP sockets on one port. Each answers from the address that was asked. */
export interface DatagramPort {
  readonly port: number;
  close(): Promise<void>;
}

/** Sends an answer to the client; does nothing once the port is closed. */
export type SendReply = (bytes: Uint8Array) => void;

/** Binds a UDP socket per address (`::` includes IPv4) and passes each message to `onMessage`. */
export async function bindDatagrams(
  where: Listening,
  onMessage: (message: Buffer, answer: SendReply) => void,
): Promise<DatagramPort> {
  const sockets = await onOnePort(where.port, () => bindAll(where));
  let open = true;
  for (const socket of sockets)
    socket.on('message', (message, from) => {
      onMessage(message, (bytes) => {
        if (open) socket.send(bytes, from.port, from.address);
      });
    });
  return {
    port: sockets[0]?.address().port ?? 0,
    async close() {
      open = false;
      await Promise.all(sockets.map(closeOne));
    },
  };
}

async function bindAll({ hosts, host = '127.0.0.1', port = 0 }: Listening): Promise<readonly DatagramSocket[]> {
  const sockets: DatagramSocket[] = [];
  try {
    for (const address of hosts ?? [host]) sockets.push(await bindOne(address, sockets[0]?.address().port ?? port));
    return sockets;
  } catch (error) {
    await Promise.all(sockets.map(closeOne));
    throw error;
  }
}

async function bindOne(host: string, port: number): Promise<DatagramSocket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
  socket.bind({ address: host, port });
  try {
    await once(socket, 'listening');
  } catch (error) {
    await closeOne(socket);
    throw error;
  }
  socket.on('error', () => {});
  return socket;
}

async function closeOne(socket: DatagramSocket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
