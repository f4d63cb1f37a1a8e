import { createSocket } from 'node:dgram';
import type { Departure, Peer, PeerListener, PeerSocket } from './types.ts';

const nowNs = (): number => performance.now() * 1e6;

/** A connected socket without kernel stamps, for hosts without kernel sockets: all times are the process's. */
export function openPlainPeer({ family, address, port }: Peer, listener: PeerListener): PeerSocket {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  const waiting: Uint8Array[] = [];
  let connected = false;
  let ended = false;
  let index = 0;
  const fail = (error: NodeJS.ErrnoException, origin: 'icmp' | 'local') => {
    if (ended) return;
    ended = true;
    listener.failed({ code: error.code ?? 'unknown', origin });
  };
  const hand = (payload: Uint8Array) =>
    socket.send(payload, (error) => {
      if (error !== null) fail(error, 'local');
    });
  socket.on('error', (error) => fail(error, connected ? 'icmp' : 'local'));
  socket.on('message', (payload) => {
    if (!ended) listener.arrived({ payload, stampNs: Number.NaN, epoch: 0, monoNs: nowNs() });
  });
  socket.connect(port, address, () => {
    connected = true;
    for (const payload of waiting) hand(payload);
  });
  return {
    send(payload): Departure {
      const departure = { index, stampNs: Number.NaN, epoch: 0, monoNs: nowNs() };
      index += 1;
      if (connected) hand(payload);
      else waiting.push(payload);
      return departure;
    },
    // The event loop has already read all pending data.
    poll() {},
    close() {
      ended = true;
      socket.close();
    },
  };
}
