import { POLLIN } from './constants.ts';
import type { EventFd } from './eventfd.ts';
import { libc } from './libc.ts';

/**
 * After traffic the engine sleeps for this time, so that it handles new arrivals in one pass. Kernel stamps are not
 * affected.
 */
export const REST_MS = 4;
/** Longest wait, so that a lost wake-up or an exiting process never hangs for long. */
const LONGEST_WAIT_MS = 5_000;
const MOST_SOCKETS = 256;

/** Waits in `poll` for a message, a packet or the next due time. */
export class Pause {
  private readonly events: EventFd;
  private readonly fds = new Int32Array((MOST_SOCKETS + 1) * 2);

  constructor(events: EventFd) {
    this.events = events;
    this.fds[0] = events.fd;
    this.fds[1] = POLLIN;
  }

  /** Sleeps for `waitNs` unless a message arrives. */
  rest(waitNs: number): boolean {
    return this.wait(1, waitNs);
  }

  /** Sleeps for `waitNs` unless a message or anything on one of `sockets` arrives. */
  watch(sockets: Iterable<{ readonly fd: number }>, waitNs: number): boolean {
    let count = 1;
    for (const { fd } of sockets) {
      if (count > MOST_SOCKETS) break;
      this.fds[count * 2] = fd;
      this.fds[count * 2 + 1] = POLLIN;
      count += 1;
    }
    return this.wait(count, waitNs);
  }

  /** True if a message may be waiting. */
  private wait(count: number, waitNs: number): boolean {
    const timeoutMs = Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(waitNs / 1e6)));
    const ready = libc().poll(this.fds, count, timeoutMs);
    if (ready <= 0) return false;
    const woken = (this.fds[1] ?? 0) >> 16 !== 0;
    if (woken) this.events.clear();
    return woken;
  }
}
