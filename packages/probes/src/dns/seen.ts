import type { Asked, DnsObservation } from './observation.ts';

/** A query that got its answer. */
export type Answered = Extract<Asked, { end: 'answered' }>;

/** The observations of a run, sorted by purpose. */
export interface Seen {
  /** With the address that it was connected to, if it was. */
  readonly resolver: Extract<DnsObservation, { kind: 'resolver' }> | undefined;
  readonly connected: Extract<DnsObservation, { kind: 'connected' }> | undefined;
  readonly fault: Extract<DnsObservation, { kind: 'not_connected' }> | undefined;
  readonly cache: readonly Asked[];
  /** The query with EDNS that the resolver refused; undefined where it refused none. */
  readonly ednsRefused: Extract<DnsObservation, { kind: 'edns_refused' }> | undefined;
  /** The question over UDP, where its answer was truncated ... */
  readonly cut: Answered | undefined;
  /** ... and the one that decides; undefined when the run ended before it. */
  readonly asked: Asked | undefined;
}

/** Sorts the observations of a run. */
export function sortSeen(observations: readonly DnsObservation[]): Seen {
  const asked = observations.flatMap((one) => (one.kind === 'asked' ? [one.asked] : []));
  const [first] = asked;
  const cut = first?.end === 'answered' && first.answer.truncated && wasUdp(observations) ? first : undefined;
  const resolver = observations.find((one) => one.kind === 'resolver');
  const connected = observations.find((one) => one.kind === 'connected');
  return {
    resolver: resolver && connected ? { ...resolver, at: connected.at, address: connected.address } : resolver,
    connected,
    fault: observations.find((one) => one.kind === 'not_connected'),
    cache: observations.flatMap((one) => (one.kind === 'cache' ? [one.asked] : [])),
    ednsRefused: observations.find((one) => one.kind === 'edns_refused'),
    cut,
    asked: cut === undefined ? first : asked[1],
  };
}

const wasUdp = (observations: readonly DnsObservation[]): boolean =>
  observations.some((one) => one.kind === 'resolver' && one.transport === 'udp');
