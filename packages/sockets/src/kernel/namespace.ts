import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from './constants.ts';
import { check, libc } from './libc.ts';

/**
 * Moves the calling thread alone into the network namespace at `path` (`/run/netns/lab`, `/proc/1234/ns/net`).
 * Sockets and TUN devices opened by it from now on belong there. Needs CAP_SYS_ADMIN over that namespace.
 * @throws SystemCallError
 */
export function enterNetworkNamespace(path: string): void {
  const calls = libc();
  const fd = check(calls.open(path, O_RDONLY | O_CLOEXEC), 'open', path);
  try {
    check(calls.setns(fd, CLONE_NEWNET), 'setns', path);
  } finally {
    calls.close(fd);
  }
}

/**
 * Moves the calling thread into a new, empty network namespace. Needs CAP_SYS_ADMIN.
 * @throws SystemCallError
 */
export function createNetworkNamespace(): void {
  check(libc().unshare(CLONE_NEWNET), 'unshare(CLONE_NEWNET)');
}
