import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createNetworkNamespace } from '@netsonde/sockets';

/**
 * Moves this thread, and what it starts from now on, to its own loopback. Threads and programs that run already stay
 * where they are. The kernel passes each echo reply to every raw ICMP socket of its namespace, so two programs on one
 * loopback, or an agent of the host, would add to each other's cost. Ping sockets are allowed there, as by systemd's
 * defaults. Needs CAP_SYS_ADMIN. @throws SystemCallError
 */
export function ownLoopback(): void {
  createNetworkNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 2147483647');
}
