import {
  IP_MTU,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU,
  IPV6_TCLASS,
  TCP_CONGESTION,
  TCP_MAXSEG,
} from '../kernel/constants.ts';
import type { IpFamily } from '../kernel/ip-address.ts';
import { check, libc } from '../kernel/libc.ts';
import { getIntOption, setIntOption } from '../kernel/socket-options.ts';

const NAME_ROOM = 16;
const name = Buffer.alloc(NAME_ROOM);
const nameLength = new Uint32Array(1);

/** The name of the connection's congestion control (`cubic`). @throws SystemCallError */
export function tcpCongestion(fd: number): string {
  nameLength[0] = NAME_ROOM;
  check(libc().getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, nameLength), 'getsockopt', 'TCP_CONGESTION');
  const end = name.indexOf(0);
  return name.toString('latin1', 0, end < 0 ? NAME_ROOM : end);
}

/** The connection's maximum segment size in bytes, options such as timestamps already taken off. @throws SystemCallError */
export function tcpMaxSegment(fd: number): number {
  return getIntOption(fd, IPPROTO_TCP, TCP_MAXSEG, 'TCP_MAXSEG');
}

/**
 * The path MTU in bytes that the kernel knows towards the peer of a connected socket.
 * @throws SystemCallError (ENOTCONN: not connected)
 */
export function pathMtu(fd: number, family: IpFamily): number {
  if (family === 4) return getIntOption(fd, IPPROTO_IP, IP_MTU, 'IP_MTU');
  return getIntOption(fd, IPPROTO_IPV6, IPV6_MTU, 'IPV6_MTU');
}

/** Marks all further packets of the socket with a DSCP, 0 to 63. @throws SystemCallError, RangeError */
export function setDscp(fd: number, family: IpFamily, dscp: number): void {
  if (!Number.isInteger(dscp) || dscp < 0 || dscp > 63) throw new RangeError(`dscp must be 0 to 63, got ${dscp}`);
  if (family === 4) setIntOption(fd, IPPROTO_IP, IP_TOS, dscp << 2, 'IP_TOS');
  else setIntOption(fd, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2, 'IPV6_TCLASS');
}
