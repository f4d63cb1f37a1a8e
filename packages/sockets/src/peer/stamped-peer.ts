import { createSocket, type Socket } from 'node:dgram';
import {
  AF_INET,
  AF_INET6,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_RECVERR,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../kernel/constants.ts';
import { errnoName } from '../kernel/errors.ts';
import { parseIpAddress, readSocketAddress, socketAddressSize, writeSocketAddress } from '../kernel/ip-address.ts';
import { check } from '../kernel/libc.ts';
import { setIntOption } from '../kernel/socket-options.ts';
import { PeerKernel } from './peer-kernel.ts';
import type { Departure, Peer, PeerFailure, PeerListener, PeerSocket } from './types.ts';

/** When a send stamp that did not come at once is looked for again, ms: as where the neighbour must be found first. */
const LATER_MS: readonly number[] = [1, 4, 15];
const MOST_ENTRIES = 16;

/**
 * Opens, connects and hands a kernel-stamped socket to the event loop.
 * @throws SystemCallError when this host has no way there, NotSupportedError
 */
export function openStampedPeer(peer: Peer, listener: PeerListener): PeerSocket {
  const kernel = PeerKernel.get();
  const fd = connectedFd(kernel, peer);
  try {
    const socket = createSocket(peer.family === 4 ? 'udp4' : 'udp6');
    const stamped = new StampedPeer(kernel, fd, socket, listener);
    socket.bind({ fd, exclusive: true });
    return stamped;
  } catch (error) {
    kernel.calls.close(fd);
    throw error;
  }
}

function connectedFd({ calls }: PeerKernel, { family, address, port }: Peer): number {
  const name = new Uint8Array(socketAddressSize(family));
  writeSocketAddress(name, 0, parseIpAddress(address), port);
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(calls.socket(family === 4 ? AF_INET : AF_INET6, type, IPPROTO_UDP), 'socket', `UDP to ${address}`);
  try {
    if (family === 4) setIntOption(fd, IPPROTO_IP, IP_RECVERR, 1, 'IP_RECVERR');
    else setIntOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, 'IPV6_RECVERR');
    check(calls.connect(fd, name, name.length), 'connect', `${address} port ${port}`);
    return fd;
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

/** A departure whose stamp is still being looked for. */
type Leaving = { -readonly [Key in keyof Departure]: Departure[Key] };

/**
 * A connected socket of which libuv reads the datagrams, while the stamps are read beside it: those of sends off the
 * error queue right after the send, that of a datagram by asking for the last one's. Costs no thread and no message.
 */
class StampedPeer implements PeerSocket {
  readonly #kernel: PeerKernel;
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #listener: PeerListener;
  readonly #departures: Leaving[] = [];
  #failure: PeerFailure | null = null;
  #later: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(kernel: PeerKernel, fd: number, socket: Socket, listener: PeerListener) {
    this.#kernel = kernel;
    this.#fd = fd;
    this.#socket = socket;
    this.#listener = listener;
    // The first question turns the keeping of stamps on.
    kernel.lastStampNs(fd);
    socket.on('message', (payload) => this.#arrived(payload));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#broke(error.code ?? 'unknown'));
  }

  send(payload: Uint8Array): Departure {
    const { calls, clock } = this.#kernel;
    clock.read();
    const { epoch, monoNs } = clock;
    this.#kernel.stampSends(this.#fd);
    try {
      check(Number(calls.write(this.#fd, payload, payload.length)), 'send');
      const departure = { index: this.#departures.length, stampNs: Number.NaN, epoch, monoNs };
      this.#departures.push(departure);
      this.#drain();
      if (Number.isNaN(departure.stampNs) && this.#failure === null) this.#lookLater(0);
      return departure;
    } finally {
      this.#kernel.stampReceives(this.#fd);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#later);
    this.#socket.close();
  }

  #arrived(payload: Buffer): void {
    if (this.#closed) return;
    const { clock } = this.#kernel;
    const stampNs = this.#kernel.lastStampNs(this.#fd);
    clock.read();
    const { epoch, monoNs } = clock;
    if (this.#awaitsStamps()) this.#readStamps();
    this.#listener.arrived({ payload, stampNs, epoch, monoNs });
  }

  /** The event loop got an error in place of a datagram; the queue knows more. */
  #broke(code: string): void {
    if (this.#closed) return;
    this.#readStamps();
    this.#fail({ code, origin: 'icmp' });
  }

  #readStamps(): void {
    this.#kernel.stampSends(this.#fd);
    this.#drain();
    this.#kernel.stampReceives(this.#fd);
  }

  #drain(): void {
    for (let count = 0; count < MOST_ENTRIES; count++) {
      const entry = this.#kernel.takeEntry(this.#fd);
      if (entry === undefined) return;
      if (!entry.hasError) continue;
      if (entry.origin === SO_EE_ORIGIN_TIMESTAMPING) {
        const departure = this.#departures[entry.data];
        if (departure !== undefined) departure.stampNs = entry.stampNs;
      } else {
        const offender = readSocketAddress(this.#kernel.batch.bytes, entry.offenderAt)?.address;
        const origin = entry.origin === SO_EE_ORIGIN_LOCAL ? 'local' : 'icmp';
        this.#fail({ code: errnoName(entry.errno), origin, ...(offender === undefined ? {} : { offender }) });
      }
    }
  }

  #awaitsStamps(): boolean {
    return this.#departures.some(({ stampNs }) => Number.isNaN(stampNs));
  }

  /** A stamp that waits on the error queue would keep the event loop awake. */
  #lookLater(step: number): void {
    const afterMs = LATER_MS[step];
    if (afterMs === undefined) return;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      this.#readStamps();
      if (this.#awaitsStamps() && this.#failure === null) this.#lookLater(step + 1);
    }, afterMs);
  }

  /** Told after the call that found it has returned. */
  #fail(failure: PeerFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    queueMicrotask(() => {
      if (!this.#closed) this.#listener.failed(failure);
    });
  }
}
