import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_RECVERR,
  SO_TIMESTAMPING,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_SOCKET,
} from '../kernel/constants.ts';
import { parseIpAddress, socketAddressSize, writeSocketAddress } from '../kernel/ip-address.ts';
import { check, libc } from '../kernel/libc.ts';
import { setIntOption } from '../kernel/socket-options.ts';
import type { Peer } from './types.ts';

/** A new socket numbers its sends from 0. */
const BOTH_WAYS =
  SOF_TIMESTAMPING_TX_SOFTWARE |
  SOF_TIMESTAMPING_RX_SOFTWARE |
  SOF_TIMESTAMPING_SOFTWARE |
  SOF_TIMESTAMPING_OPT_TSONLY |
  SOF_TIMESTAMPING_OPT_ID;

/**
 * Cached, since the same few peers are queried repeatedly. Addresses with a zone are not cached, because interfaces
 * appear and disappear.
 */
const kept = new Map<string, Uint8Array>();
const MOST_KEPT = 1000;

/**
 * A new datagram socket connected to `peer`, on a port that the kernel chose, with stamps in both directions and an
 * error queue.
 * @throws SystemCallError when this host has no route to it, RangeError for a wrong address
 */
export function connectedFd(peer: Peer): number {
  const { family, address, port } = peer;
  const name = socketAddressOf(peer);
  const calls = libc();
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(calls.socket(family === 4 ? AF_INET : AF_INET6, type, IPPROTO_UDP), 'socket', `UDP to ${address}`);
  try {
    if (family === 4) setIntOption(fd, IPPROTO_IP, IP_RECVERR, 1, 'IP_RECVERR');
    else setIntOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, 'IPV6_RECVERR');
    setIntOption(fd, SOL_SOCKET, SO_TIMESTAMPING, BOTH_WAYS, 'SO_TIMESTAMPING');
    check(calls.connect(fd, name, name.length), 'connect', `${address} port ${port}`);
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

function socketAddressOf({ family, address, port }: Peer): Uint8Array {
  const key = `${address} ${port}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const name = new Uint8Array(socketAddressSize(family));
  writeSocketAddress(name, 0, parseIpAddress(address), port);
  if (kept.size >= MOST_KEPT) kept.clear();
  if (!address.includes('%')) kept.set(key, name);
  return name;
}
