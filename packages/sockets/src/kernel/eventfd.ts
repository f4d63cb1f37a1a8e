import { EFD_CLOEXEC, EFD_NONBLOCK } from './constants.ts';
import { check, libc } from './libc.ts';

/** A wake-up that one thread sends and another waits for with `poll`. */
export interface EventFd {
  readonly fd: number;
  /** Makes the descriptor readable; any thread may call it. */
  wake(): void;
  /** Consumes all wake-ups so far, so that the descriptor is no longer readable. */
  clear(): void;
  close(): void;
}

/**
 * Opens a wake-up, or adopts the descriptor of one that another thread of this process opened.
 * @throws SystemCallError, NotSupportedError
 */
export function openEventFd(adopt?: number): EventFd {
  const calls = libc();
  const fd = adopt ?? check(calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'eventfd');
  const one = new BigUint64Array([1n]);
  const taken = new BigUint64Array(1);
  let open = true;
  return Object.freeze({
    fd,
    wake() {
      if (open) calls.write(fd, one, 8);
    },
    clear() {
      calls.read(fd, taken, 8);
    },
    close() {
      if (open) calls.close(fd);
      open = false;
    },
  });
}
