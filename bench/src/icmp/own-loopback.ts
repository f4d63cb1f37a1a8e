import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createNetworkNamespace } from '@netsonde/sockets';

/**
 * Puts this thread, and what it starts from now on, on a loopback of its own; threads and programs that run already stay
 * where they are. The kernel hands each echo reply to every raw ICMP socket of its namespace, so that two programs on one
 * loopback, or an agent of the host, would pay for each other. Ping sockets are allowed there, as systemd's own
 * defaults allow them. Needs CAP_SYS_ADMIN. @throws SystemCallError
 */
export function ownLoopback(): void {
  createNetworkNamespace();
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 2147483647');
}
