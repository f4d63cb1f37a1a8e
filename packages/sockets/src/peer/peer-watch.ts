import { POLLERR, POLLIN } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';

/** A socket that waits for data or errors. */
export interface Watched {
  readonly fd: number;
  /** Used only by the watch: the socket's place in its list; {@link NOWHERE} while nothing is waited for. */
  place: number;
  /** Called when something has arrived; `hasErrors`: the error queue is not empty. */
  ready(hasErrors: boolean): void;
}

/** The place of a socket that waits for nothing. */
export const NOWHERE = -1;
/**
 * The first check runs at the end of the event loop's turn. The intervals between further checks double up to this, ms.
 */
const LONGEST_GAP_MS = 32;

/**
 * Polls all peer sockets of a thread in one call, at intervals. The kernel stamps the arrival, so a late check costs no
 * precision, while a wake-up for each small answer costs more than the rest of its handling. A caller checks once more
 * before it gives up on an answer.
 */
export class PeerWatch {
  /**
   * A plain list: the tables of a Set, even dead ones, keep their entries alive until the next major garbage
   * collection.
   */
  private readonly waiting: Watched[] = [];
  private fds = new Int32Array(0);
  private gapMs = 0;
  private first: NodeJS.Immediate | undefined;
  private next: NodeJS.Timeout | undefined;

  private readonly begin: () => void;

  /** @param begin called once in each check that finds something, before any socket is notified */
  constructor(begin: () => void) {
    this.begin = begin;
  }

  /** Call it after a send on this socket: the checks restart with the shortest interval. */
  expect(peer: Watched): void {
    if (peer.place === NOWHERE) peer.place = this.waiting.push(peer) - 1;
    this.gapMs = 0;
    clearTimeout(this.next);
    this.first ??= setImmediate(() => this.pass());
  }

  forget(peer: Watched): void {
    const last = this.waiting.length - 1;
    if (peer.place === NOWHERE) return;
    const moved = this.waiting[last] ?? peer;
    this.waiting[peer.place] = moved;
    moved.place = peer.place;
    peer.place = NOWHERE;
    this.waiting.length = last;
    if (last > 0) return;
    clearTimeout(this.next);
    clearImmediate(this.first);
    this.first = undefined;
  }

  private pass(): void {
    this.first = undefined;
    this.deliver([...this.waiting]);
    if (this.waiting.length === 0 || this.first !== undefined) return;
    this.gapMs = Math.min(LONGEST_GAP_MS, Math.max(1, this.gapMs * 2));
    this.next = setTimeout(() => this.pass(), this.gapMs);
  }

  private deliver(peers: readonly Watched[]): void {
    if (this.fds.length < peers.length * 2) this.fds = new Int32Array(peers.length * 4);
    const { fds } = this;
    for (const [index, { fd }] of peers.entries()) {
      fds[index * 2] = fd;
      fds[index * 2 + 1] = POLLIN;
    }
    if (libc().poll(fds, peers.length, 0) <= 0) return;
    this.begin();
    for (const [index, peer] of peers.entries()) {
      // The upper half of the second word holds the returned events.
      const events = (fds[index * 2 + 1] ?? 0) >>> 16;
      if (events !== 0 && peer.place !== NOWHERE) peer.ready((events & POLLERR) !== 0);
    }
  }
}
