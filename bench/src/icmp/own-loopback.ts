import { execFileSync } from 'node:child_process';
import { createNetworkNamespace } from '@netsonde/sockets';

/**
 * Puts this thread, and what it starts from now on, on a loopback of its own; threads and programs that run already stay
 * where they are. The kernel hands each echo reply to every raw ICMP socket of its namespace, so that two programs on one
 * loopback, or an agent of the host, would pay for each other. Needs CAP_SYS_ADMIN. @throws SystemCallError
 */
export function ownLoopback(): void {
  createNetworkNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
}
