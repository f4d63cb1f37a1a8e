import { networkInterfaces } from 'node:os';
import { linkState, neighbourState, probeNeighbour, routeTo } from '@netsonde/sockets';
import { systemClock } from './system-clock.ts';

/** How far this host's own network reaches towards an address. */
export type PathState =
  /** The next hop answers ARP or neighbour discovery, or there is none (this host itself, a tunnel). */
  | { readonly kind: 'open' }
  /** The kernel cannot be queried, or does not know. */
  | { readonly kind: 'unknown' }
  /** No route, or one that refuses; the errno's name. */
  | { readonly kind: 'no_route'; readonly code: string }
  /** The interface has no signal, or is switched off. */
  | { readonly kind: 'no_carrier'; readonly link: string }
  /** The gateway does not answer ARP or neighbour discovery. */
  | { readonly kind: 'gateway_silent'; readonly gateway: string }
  /** The target is on the link, and does not answer ARP or neighbour discovery. */
  | { readonly kind: 'target_silent' };

/** Questions to this host's own network after a run has failed. */
export interface HostNetwork {
  /** Queries the kernel; takes at most about 0.6 s, if a neighbour does not answer. */
  stateTowards(address: string): Promise<PathState>;
  /** Whether this host has the address. */
  isOwn(address: string): boolean;
}

/** How long to wait for a neighbour's answer to a new probe, ms. An answer takes a few ms on most links. */
const NEIGHBOUR_MS = 600;
const LOOK_MS = 20;
/** How long the state found of a neighbour serves other failing runs, ms. */
const KEPT_MS = 300;
const MOST_KEPT = 1000;

type Neighbour = 'answers' | 'silent' | 'unknown';

/** Neighbours with a pending or recent query. */
const asked = new Map<string, Promise<Neighbour>>();

/** This host's network, as seen by its kernel. */
export const systemNetwork: HostNetwork = Object.freeze({
  async stateTowards(address: string): Promise<PathState> {
    try {
      return await ask(address);
    } catch {
      return { kind: 'unknown' };
    }
  },
  isOwn(address: string): boolean {
    const bare = address.split('%')[0];
    const listed = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === bare));
    if (listed) return true;
    try {
      return routeTo(address).kind === 'local';
    } catch {
      return false;
    }
  },
});

async function ask(address: string): Promise<PathState> {
  const route = routeTo(address);
  if (route.kind === 'local') return { kind: 'open' };
  if (route.kind === 'none') return { kind: 'no_route', code: route.code };
  const link = linkState(route.link);
  if (!link.up || !link.carrier) return { kind: 'no_carrier', link: link.name };
  if (!link.hasNeighbours) return { kind: 'open' };
  const neighbour = await sharedAnswer(route.link, route.gateway ?? address);
  if (neighbour === 'unknown') return { kind: 'unknown' };
  if (neighbour === 'answers') return { kind: 'open' };
  return route.gateway === null ? { kind: 'target_silent' } : { kind: 'gateway_silent', gateway: route.gateway };
}

/** Shares one query among all runs that ask at about the same time. */
function sharedAnswer(link: number, address: string): Promise<Neighbour> {
  const key = `${link} ${address}`;
  const known = asked.get(key);
  if (known !== undefined) return known;
  const answer = answerOf(link, address);
  if (asked.size >= MOST_KEPT) asked.clear();
  asked.set(key, answer);
  const drop = () => setTimeout(() => asked.delete(key), KEPT_MS).unref();
  answer.then(drop, drop);
  return answer;
}

/**
 * Whether a neighbour answers now. The kernel's entry may be older than the fault, so it must probe the neighbour
 * again. Without the permission for that, the existing entry has to suffice.
 */
async function answerOf(link: number, address: string): Promise<Neighbour> {
  const before = neighbourState(link, address);
  if (before === 'fixed') return 'answers';
  if (before === 'unknown') return 'unknown';
  if (before === 'failed') return 'silent';
  const isKnown = before === 'reachable' || before === 'doubtful';
  if (isKnown && !probeNeighbour(link, address)) return 'answers';
  const untilMs = systemClock.monotonicMs() + NEIGHBOUR_MS;
  while (systemClock.monotonicMs() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = neighbourState(link, address);
    if (now === 'reachable' || now === 'fixed') return 'answers';
    if (now === 'failed') return 'silent';
  }
  return 'silent';
}
