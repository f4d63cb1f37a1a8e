import { POLLIN, POLLOUT } from './constants.ts';
import { SystemCallError } from './errors.ts';
import { POLLFD } from './layouts.ts';
import { libc } from './libc.ts';

const EINTR = 4;

/** One descriptor to wait for; `events` defaults to readable. */
export interface PollRequest {
  readonly fd: number;
  readonly events?: 'read' | 'write' | 'read-write';
}

/** The result for one descriptor: `error` also means that its error queue holds something. */
export interface PollOutcome {
  readonly fd: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly error: boolean;
}

const eventBits = { read: POLLIN, write: POLLOUT, 'read-write': POLLIN | POLLOUT } as const;

/**
 * Waits in this thread until a descriptor is ready or `timeoutMs` (fractions down to nanoseconds count; -1 waits without end) passes.
 * Returns those that are ready, an empty list after the timeout or a signal.
 * @throws SystemCallError
 */
export function pollFds(requests: readonly PollRequest[], timeoutMs: number): PollOutcome[] {
  const view = new DataView(new ArrayBuffer(requests.length * POLLFD.size));
  for (const [index, request] of requests.entries()) {
    view.setInt32(index * POLLFD.size + POLLFD.fd, request.fd, true);
    view.setInt16(index * POLLFD.size + POLLFD.events, eventBits[request.events ?? 'read'], true);
  }
  const ready = libc().ppoll(view, requests.length, timeoutMs < 0 ? null : timespecOf(timeoutMs), null);
  if (ready < 0) {
    const errno = libc().errno();
    if (errno === EINTR) return [];
    throw new SystemCallError('poll', errno);
  }
  return requests.flatMap(({ fd }, index) => {
    const bits = view.getInt16(index * POLLFD.size + POLLFD.returned, true);
    if (bits === 0) return [];
    const readable = (bits & POLLIN) !== 0;
    return [{ fd, readable, writable: (bits & POLLOUT) !== 0, error: (bits & ~(POLLIN | POLLOUT)) !== 0 }];
  });
}

function timespecOf(timeoutMs: number): BigInt64Array {
  const seconds = Math.floor(timeoutMs / 1000);
  return new BigInt64Array([BigInt(seconds), BigInt(Math.floor((timeoutMs - seconds * 1000) * 1e6))]);
}
