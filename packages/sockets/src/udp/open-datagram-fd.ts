import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IP_RECVTTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_V6ONLY,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../kernel/constants.ts';
import {
  type IpFamily,
  parseIpAddress,
  readSocketAddress,
  socketAddressSize,
  writeSocketAddress,
} from '../kernel/ip-address.ts';
import { check, libc } from '../kernel/libc.ts';
import { growBuffers, setIntOption } from '../kernel/socket-options.ts';
import { startStamping } from '../kernel/stamping.ts';
import { setDscp } from '../tcp/tcp-options.ts';
import type { UdpOptions } from './types.ts';

const BUFFER_BYTES = 1 << 20;

/** An open, bound datagram descriptor. */
export interface DatagramFd {
  readonly fd: number;
  readonly address: string;
  readonly port: number;
}

/**
 * Opens a non-blocking datagram socket with kernel stamps and the error queue, and binds it.
 * @throws SystemCallError, RangeError for an address of the other family
 */
export function openDatagramFd(options: UdpOptions): DatagramFd {
  const { family } = options;
  const calls = libc();
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(
    calls.socket(family === 4 ? AF_INET : AF_INET6, type, IPPROTO_UDP),
    'socket',
    `UDP over IPv${family}`,
  );
  try {
    growBuffers(fd, BUFFER_BYTES);
    receiveErrors(fd, family);
    if (options.dscp !== undefined) setDscp(fd, family, options.dscp);
    startStamping(fd);
    return { fd, ...bindTo(fd, options) };
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

function receiveErrors(fd: number, family: IpFamily): void {
  if (family === 4) {
    setIntOption(fd, IPPROTO_IP, IP_RECVERR, 1, 'IP_RECVERR');
    setIntOption(fd, IPPROTO_IP, IP_RECVTTL, 1, 'IP_RECVTTL');
    return;
  }
  setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, 'IPV6_V6ONLY');
  setIntOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, 'IPV6_RECVERR');
  setIntOption(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, 'IPV6_RECVHOPLIMIT');
}

function bindTo(fd: number, { family, localAddress, localPort = 0 }: UdpOptions): { address: string; port: number } {
  const address = parseIpAddress(localAddress ?? (family === 4 ? '0.0.0.0' : '::'));
  if (address.family !== family)
    throw new RangeError(`localAddress must be an IPv${family} address, got ${localAddress}`);
  const name = new Uint8Array(socketAddressSize(family));
  writeSocketAddress(name, 0, address, localPort);
  check(libc().bind(fd, name, name.length), 'bind', `${localAddress ?? 'any'} port ${localPort}`);
  check(libc().getsockname(fd, name, new Uint32Array([name.length])), 'getsockname');
  return readSocketAddress(name, 0) ?? { address: '', port: 0 };
}
