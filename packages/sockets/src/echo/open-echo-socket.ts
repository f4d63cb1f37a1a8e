import { randomInt } from 'node:crypto';
import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IP_RECVTTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from '../kernel/constants.ts';
import { errnoName, SystemCallError } from '../kernel/errors.ts';
import { type IpFamily, socketAddressSize, writeSocketAddress } from '../kernel/ip-address.ts';
import { libc } from '../kernel/libc.ts';
import { growBuffers, setIntOption } from '../kernel/socket-options.ts';
import { startStamping } from '../kernel/stamping.ts';
import { acceptOnlyReplies } from './filter.ts';
import type { EchoCapability, EchoVia } from './types.ts';

/** An open ICMP socket with a random echo id. */
export interface OpenedEchoSocket {
  readonly fd: number;
  readonly via: Exclude<EchoVia, 'ping-command'>;
  readonly id: number;
}

type Absent = Extract<EchoCapability, { via: 'absent' }>;

const BUFFER_BYTES = 8 << 20;
const ID_ATTEMPTS = 16;
const EACCES = 13;
const EPERM = 1;
const EADDRINUSE = 98;

/** Opens a ping socket, or a raw one where those are not allowed, or returns why neither is available. */
export function openEchoSocket(family: IpFamily): OpenedEchoSocket | Absent {
  const ping = open(family, SOCK_DGRAM);
  if (ping.fd >= 0) return finish(ping.fd, family, 'ping-socket', bindToRandomId(ping.fd, family));
  const raw = open(family, SOCK_RAW);
  if (raw.fd >= 0) return finish(raw.fd, family, 'raw', randomInt(1, 65_536));
  return absent(family, raw.errno);
}

function open(family: IpFamily, type: number): { fd: number; errno: number } {
  const calls = libc();
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const fd = calls.socket(family === 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return { fd, errno: fd < 0 ? calls.errno() : 0 };
}

function absent(family: IpFamily, errno: number): Absent {
  const name = `IPv${family}`;
  if (errno !== EACCES && errno !== EPERM) {
    return { via: 'absent', reason: 'not_supported', message: `socket() for ${name} ICMP failed: ${errnoName(errno)}` };
  }
  return {
    via: 'absent',
    reason: 'not_permitted',
    message: `${name} ICMP sockets are not permitted: net.ipv4.ping_group_range leaves out this process's groups, and it has no CAP_NET_RAW`,
    remedy: 'sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"',
  };
}

/** A ping socket's echo id is its port; binding to one of our choice keeps it random on all kernels. */
function bindToRandomId(fd: number, family: IpFamily): number {
  const calls = libc();
  const any = { family, bytes: new Uint8Array(family === 4 ? 4 : 16), scope: 0 };
  const name = new Uint8Array(socketAddressSize(family));
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt += 1) {
    const id = randomInt(1, 65_536);
    writeSocketAddress(name, 0, any, id);
    if (calls.bind(fd, name, name.length) === 0) return id;
    const errno = calls.errno();
    if (errno === EADDRINUSE) continue;
    calls.close(fd);
    throw new SystemCallError('bind', errno, `ping socket, id ${id}`);
  }
  calls.close(fd);
  throw new SystemCallError('bind', EADDRINUSE, `ping socket, ${ID_ATTEMPTS} random ids`);
}

function finish(fd: number, family: IpFamily, via: OpenedEchoSocket['via'], id: number): OpenedEchoSocket {
  try {
    growBuffers(fd, BUFFER_BYTES);
    if (via === 'raw') acceptOnlyReplies(fd, family, id);
    if (family === 4) {
      setIntOption(fd, IPPROTO_IP, IP_RECVERR, 1, 'IP_RECVERR');
      if (via === 'ping-socket') setIntOption(fd, IPPROTO_IP, IP_RECVTTL, 1, 'IP_RECVTTL');
    } else {
      setIntOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, 'IPV6_RECVERR');
      setIntOption(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, 'IPV6_RECVHOPLIMIT');
    }
    startStamping(fd);
  } catch (error) {
    libc().close(fd);
    throw error;
  }
  return { fd, via, id };
}
