import { networkOf } from '../auth/client-network.ts';
import { SessionRejection } from './rejection.ts';

/** A connection whose peer has not proved to be an agent. */
interface Stranger {
  readonly address: string;
  reject(rejection: SessionRejection): void;
}

export interface StrangerBounds {
  /** Most per network: an IPv4 address, or a /64 of IPv6. Many agents behind one address may connect at once. */
  readonly perNetwork: number;
  readonly inAll: number;
}

const BOUNDS: StrangerBounds = Object.freeze({ perNetwork: 1000, inAll: 2000 });

/**
 * Limits unauthenticated connections. If there are too many, the oldest of the network with the most connections is
 * closed, so that strangers that hold connections open cannot keep agents out.
 */
export class Strangers {
  readonly #bounds: StrangerBounds;
  readonly #byNetwork = new Map<string, Set<Stranger>>();
  #count = 0;

  constructor(bounds: StrangerBounds = BOUNDS) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#count;
  }

  add(stranger: Stranger): void {
    const network = networkOf(stranger.address);
    const same = this.#byNetwork.get(network) ?? new Set();
    this.#byNetwork.set(network, same.add(stranger));
    this.#count += 1;
    if (same.size > this.#bounds.perNetwork) this.#giveWay(same);
    else if (this.#count > this.#bounds.inAll) this.#giveWay(this.#largest());
  }

  /** Removes a connection that is authenticated or closed. */
  delete(stranger: Stranger): void {
    const network = networkOf(stranger.address);
    const same = this.#byNetwork.get(network);
    if (same?.delete(stranger) !== true) return;
    this.#count -= 1;
    if (same.size === 0) this.#byNetwork.delete(network);
  }

  #largest(): Set<Stranger> {
    let largest = new Set<Stranger>();
    for (const one of this.#byNetwork.values()) if (one.size > largest.size) largest = one;
    return largest;
  }

  #giveWay(network: Set<Stranger>): void {
    const [oldest] = network;
    if (oldest === undefined) return;
    this.delete(oldest);
    oldest.reject(
      new SessionRejection('too_slow', 'many connections wait to prove an agent’s key: try again in a moment', true),
    );
  }
}
