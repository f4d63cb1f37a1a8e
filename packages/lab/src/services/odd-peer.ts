import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { newLedger, pause } from './ledger.ts';
import { listen } from './listening.ts';
import type { Listening, Service } from './service.ts';

/**
 * How a TCP peer misbehaves. `silent`: accepts and never sends anything. `refusing`: nothing listens on its port.
 * `half_open`: closes its own side at once and still reads. `rubbish`: sends random bytes and closes. `truncating`:
 * sends `text` and closes. `resetting`: resets after the first bytes (or at once with an empty `text`). `slow`: sends
 * `text` one byte at a time, `gapMs` apart, after the first bytes.
 */
export type PeerBehaviour = 'silent' | 'refusing' | 'half_open' | 'rubbish' | 'truncating' | 'resetting' | 'slow';

export interface PeerConfig extends Listening {
  readonly kind: 'peer';
  readonly behaviour: PeerBehaviour;
  /** The text that `truncating` and `slow` send. */
  readonly text?: string;
  /** ms between the bytes of `slow`; 50 when absent. */
  readonly gapMs?: number;
}

/** One connection that a peer accepted. */
export interface PeerSeen {
  readonly atMs: number;
}

export async function startPeer(config: PeerConfig): Promise<Service> {
  const ledger = newLedger<PeerSeen>();
  const server = createServer({ noDelay: true, allowHalfOpen: config.behaviour === 'half_open' }, (socket) => {
    ledger.add({ atMs: Date.now() });
    void behave(socket, config);
  });
  const { port, close } = await listen(server, config);
  if (config.behaviour === 'refusing') await close();
  return { facts: { kind: 'peer', port }, seen: ledger.entries, close };
}

async function behave(socket: Socket, config: PeerConfig): Promise<void> {
  switch (config.behaviour) {
    case 'silent':
    case 'refusing':
      socket.resume();
      return;
    case 'half_open':
      socket.resume();
      socket.end();
      return;
    case 'rubbish':
      socket.resume();
      socket.end(randomBytes(256));
      return;
    case 'truncating':
      socket.once('data', () => socket.end(config.text ?? ''));
      return;
    case 'resetting':
      if (config.text === '') socket.resetAndDestroy();
      else socket.once('data', () => socket.resetAndDestroy());
      return;
    case 'slow':
      socket.once('data', () => void trickle(socket, config));
  }
}

async function trickle(socket: Socket, config: PeerConfig): Promise<void> {
  for (const byte of Buffer.from(config.text ?? '')) {
    if (!socket.writable) return;
    socket.write(Buffer.from([byte]));
    await pause(config.gapMs ?? 50);
  }
  socket.end();
}
