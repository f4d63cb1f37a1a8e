import { POLLIN } from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';

/** A socket that waits for something to come. */
export interface Watched {
  readonly fd: number;
  /** Something came, or an error did. */
  ready(): void;
}

/** After the first look, at the end of the event loop's turn, the next follow at gaps that double up to so long, ms. */
const LONGEST_GAP_MS = 32;

/**
 * Looks from time to time whether something has come to any of a thread's peer sockets, all of them in one call. The
 * kernel's stamps say when it came, so a late look costs no precision; being woken for each small answer costs more
 * than all else about it. Who gives up on an answer looks once more before.
 */
export class PeerWatch {
  private readonly waiting = new Set<Watched>();
  private fds = new Int32Array(0);
  private gapMs = 0;
  private first: NodeJS.Immediate | undefined;
  private next: NodeJS.Timeout | undefined;

  /** Something was sent on this socket: looks begin anew. */
  expect(peer: Watched): void {
    this.waiting.add(peer);
    this.gapMs = 0;
    clearTimeout(this.next);
    this.first ??= setImmediate(() => this.look());
  }

  forget(peer: Watched): void {
    this.waiting.delete(peer);
    if (this.waiting.size > 0) return;
    clearTimeout(this.next);
    clearImmediate(this.first);
    this.first = undefined;
  }

  private look(): void {
    this.first = undefined;
    for (const peer of this.readyOnes()) if (this.waiting.has(peer)) peer.ready();
    if (this.waiting.size === 0 || this.first !== undefined) return;
    this.gapMs = Math.min(LONGEST_GAP_MS, Math.max(1, this.gapMs * 2));
    this.next = setTimeout(() => this.look(), this.gapMs);
  }

  private readyOnes(): readonly Watched[] {
    const peers = [...this.waiting];
    if (this.fds.length < peers.length * 2) this.fds = new Int32Array(peers.length * 4);
    for (const [index, { fd }] of peers.entries()) {
      this.fds[index * 2] = fd;
      this.fds[index * 2 + 1] = POLLIN;
    }
    if (libc().poll(this.fds, peers.length, 0) <= 0) return [];
    // The upper half of the second word is what came of it.
    return peers.filter((_, index) => (this.fds[index * 2 + 1] ?? 0) >>> 16 !== 0);
  }
}
