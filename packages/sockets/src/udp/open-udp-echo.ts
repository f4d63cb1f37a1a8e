import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../kernel/constants.ts';
import { parseIpAddress, socketAddressSize, writeSocketAddress } from '../kernel/ip-address.ts';
import { check, libc } from '../kernel/libc.ts';
import { growBuffers, setIntOption } from '../kernel/socket-options.ts';
import type { AdoptMessage, DropMessage, EchoRules } from './boundary.ts';
import { UdpHub } from './udp-hub.ts';

/** Where an echo service listens, and which senders it answers. */
export interface UdpEchoOptions extends EchoRules {
  /** A literal address; `::` takes IPv4 too, as far as the host has it. */
  readonly address: string;
  readonly port: number;
}

/** An echo service for datagrams. */
export interface UdpEcho {
  close(): Promise<void>;
}

const BUFFER_BYTES = 1 << 20;

/**
 * Opens a socket that sends each datagram back to its sender, from the address that it was sent to, also where it listens on
 * all addresses of a host with several. Keeps the process alive until it is closed.
 * @throws SystemCallError (bind: address in use or not of this host), NotSupportedError on other systems than Linux
 */
export async function openUdpEcho({ address, port, leastPort, exceptPort }: UdpEchoOptions): Promise<UdpEcho> {
  const hub = await UdpHub.get();
  const fd = openFd(address, port);
  let dropped: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    dropped = resolve;
  });
  const socket = hub.join({ happened: () => undefined, dropped: () => dropped() });
  hub.post({ kind: 'adopt', socket, fd, onePeer: false, echo: { leastPort, exceptPort } } satisfies AdoptMessage);
  let isClosing = false;
  return Object.freeze({
    close() {
      if (!isClosing) hub.post({ kind: 'drop', socket } satisfies DropMessage);
      isClosing = true;
      return over;
    },
  });
}

function openFd(text: string, port: number): number {
  const address = parseIpAddress(text);
  const calls = libc();
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(calls.socket(address.family === 4 ? AF_INET : AF_INET6, type, IPPROTO_UDP), 'socket', text);
  try {
    growBuffers(fd, BUFFER_BYTES);
    if (address.family === 4) setIntOption(fd, IPPROTO_IP, IP_PKTINFO, 1, 'IP_PKTINFO');
    else {
      setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0, 'IPV6_V6ONLY');
      setIntOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, 'IPV6_RECVPKTINFO');
    }
    const name = new Uint8Array(socketAddressSize(address.family));
    writeSocketAddress(name, 0, address, port);
    check(calls.bind(fd, name, name.length), 'bind', `${text} port ${port}`);
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}
