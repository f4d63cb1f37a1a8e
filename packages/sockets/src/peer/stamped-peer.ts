import { SO_EE_ORIGIN_LOCAL, SO_EE_ORIGIN_TIMESTAMPING } from '../kernel/constants.ts';
import { errnoName } from '../kernel/errors.ts';
import { readSocketAddress } from '../kernel/ip-address.ts';
import { check } from '../kernel/libc.ts';
import { connectedFd } from './connected-fd.ts';
import { PeerKernel } from './peer-kernel.ts';
import { NOWHERE, PeerWatch, type Watched } from './peer-watch.ts';
import type { Departure, Peer, PeerFailure, PeerListener, PeerSocket } from './types.ts';

/** Most reads of one socket per check, so that a flood does not delay the others. */
const MOST_ENTRIES = 16;
const MOST_DATAGRAMS = 16;

const watch = new PeerWatch(() => PeerKernel.get().readClocks());
const nowNs = (): number => performance.now() * 1e6;

/**
 * Opens and connects a kernel-stamped socket.
 * @throws SystemCallError when this host has no route to it, NotSupportedError
 */
export function openStampedPeer(peer: Peer, listener: PeerListener): PeerSocket {
  return new StampedPeer(PeerKernel.get(), connectedFd(peer), listener);
}

/** A departure whose stamp is pending. */
type Leaving = { -readonly [Key in keyof Departure]: Departure[Key] };

/** A connected socket; it reads send stamps from the error queue, and receive stamps with their datagrams. */
class StampedPeer implements PeerSocket, Watched {
  readonly fd: number;
  place = NOWHERE;
  readonly #kernel: PeerKernel;
  readonly #listener: PeerListener;
  readonly #departures: Leaving[] = [];
  #unstamped = 0;
  #failure: PeerFailure | null = null;
  #closed = false;

  constructor(kernel: PeerKernel, fd: number, listener: PeerListener) {
    this.#kernel = kernel;
    this.fd = fd;
    this.#listener = listener;
  }

  send(payload: Uint8Array): Departure {
    const epoch = this.#kernel.epochBefore();
    const monoNs = nowNs();
    this.#write(payload);
    const departure = { index: this.#departures.length, stampNs: Number.NaN, epoch, monoNs };
    this.#departures.push(departure);
    this.#unstamped += 1;
    this.#readQueue();
    watch.expect(this);
    return departure;
  }

  /**
   * A pending ICMP error makes the next send fail. The error queue reports that error, so the datagram is sent again.
   */
  #write(payload: Uint8Array): void {
    const { calls } = this.#kernel;
    if (calls.write(this.fd, payload, payload.length) >= 0) return;
    this.#readQueue(MOST_ENTRIES);
    check(Number(calls.write(this.fd, payload, payload.length)), 'send');
  }

  poll(): void {
    if (this.#closed) return;
    this.#kernel.readClocks();
    this.ready(true);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    watch.forget(this);
    this.#kernel.calls.close(this.fd);
  }

  /** Errors and stamps first, since timing an answer needs the stamp of its departure. */
  ready(hasErrors: boolean): void {
    this.#readQueue(hasErrors ? MOST_ENTRIES : 0);
    for (let count = 0; count < MOST_DATAGRAMS && !this.#closed; count++) {
      const received = this.#kernel.receive(this.fd);
      if (received === undefined) return;
      if ('errno' in received) {
        this.#readQueue(MOST_ENTRIES);
        this.#fail({ code: errnoName(received.errno), origin: 'icmp' });
        return;
      }
      const { payload, stampNs } = received;
      this.#listener.arrived({ payload, stampNs, epoch: this.#kernel.epochAfter(stampNs), monoNs: nowNs() });
    }
  }

  /** Reads the error queue, at least until every send has its stamp. */
  #readQueue(least = 0): void {
    for (let count = 0; count < MOST_ENTRIES && (count < least || this.#unstamped > 0); count++) {
      const entry = this.#kernel.takeEntry(this.fd);
      if (entry === undefined) return;
      if (!entry.hasError) continue;
      if (entry.origin === SO_EE_ORIGIN_TIMESTAMPING) this.#stamped(entry.data, entry.stampNs);
      else {
        const offender = readSocketAddress(this.#kernel.batch.bytes, entry.offenderAt)?.address;
        const origin = entry.origin === SO_EE_ORIGIN_LOCAL ? 'local' : 'icmp';
        this.#fail({ code: errnoName(entry.errno), origin, ...(offender === undefined ? {} : { offender }) });
      }
    }
  }

  #stamped(index: number, stampNs: number): void {
    const departure = this.#departures[index];
    if (departure === undefined || !Number.isNaN(departure.stampNs)) return;
    departure.stampNs = stampNs;
    this.#unstamped -= 1;
  }

  /** Reported after the call that found it has returned. */
  #fail(failure: PeerFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    queueMicrotask(() => {
      if (!this.#closed) this.#listener.failed(failure);
    });
  }
}
