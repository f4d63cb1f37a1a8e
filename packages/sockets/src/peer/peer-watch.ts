import { POLLERR, POLLIN } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';

/** A socket that waits for something to come. */
export interface Watched {
  readonly fd: number;
  /** The watch's own: where it is in its list; {@link NOWHERE} while nothing is waited for. */
  place: number;
  /** Something came; `hasErrors`: the error queue is not empty. */
  ready(hasErrors: boolean): void;
}

/** A socket for which nothing is waited for has this place. */
export const NOWHERE = -1;
/** After the first look, at the end of the event loop's turn, the next follow at gaps that double up to so long, ms. */
const LONGEST_GAP_MS = 32;

/**
 * Looks from time to time whether something has come to any of a thread's peer sockets, all of them in one call. The
 * kernel's stamps say when it came, so a late look costs no precision; being woken for each small answer costs more
 * than all else about it. Who gives up on an answer looks once more before.
 */
export class PeerWatch {
  /** A plain list: a Set's tables, dead ones too, keep what was in them alive until the next large collection. */
  private readonly waiting: Watched[] = [];
  private fds = new Int32Array(0);
  private gapMs = 0;
  private first: NodeJS.Immediate | undefined;
  private next: NodeJS.Timeout | undefined;

  private readonly begin: () => void;

  /** @param begin called once in each look that finds something, before anything is told */
  constructor(begin: () => void) {
    this.begin = begin;
  }

  /** Something was sent on this socket: looks begin anew. */
  expect(peer: Watched): void {
    if (peer.place === NOWHERE) peer.place = this.waiting.push(peer) - 1;
    this.gapMs = 0;
    clearTimeout(this.next);
    this.first ??= setImmediate(() => this.look());
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

  private look(): void {
    this.first = undefined;
    this.tell([...this.waiting]);
    if (this.waiting.length === 0 || this.first !== undefined) return;
    this.gapMs = Math.min(LONGEST_GAP_MS, Math.max(1, this.gapMs * 2));
    this.next = setTimeout(() => this.look(), this.gapMs);
  }

  private tell(peers: readonly Watched[]): void {
    if (this.fds.length < peers.length * 2) this.fds = new Int32Array(peers.length * 4);
    const { fds } = this;
    for (const [index, { fd }] of peers.entries()) {
      fds[index * 2] = fd;
      fds[index * 2 + 1] = POLLIN;
    }
    if (libc().poll(fds, peers.length, 0) <= 0) return;
    this.begin();
    for (const [index, peer] of peers.entries()) {
      // The upper half of the second word is what came of it.
      const events = (fds[index * 2 + 1] ?? 0) >>> 16;
      if (events !== 0 && peer.place !== NOWHERE) peer.ready((events & POLLERR) !== 0);
    }
  }
}
