import { type Lab, type Path, type RoundTrip, roundTripsOf, type ScriptedPacket } from '@netsonde/lab';
import { type Distribution, distributionOf, interarrivalJitter, meanAbsoluteIpdv } from '@netsonde/metrics';
import { type Expected, near } from './truth.test-support.ts';

/** A train of packets through a lab that does to certain ones of them what its path's script says. */
export interface Train {
  readonly path: Path;
  readonly options: { readonly count: number; readonly intervalSeconds: number; readonly timeoutSeconds: number };
  /** What the script makes of the counts and the loss. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What is held back to be overtaken is held for several of these. */
const INTERVAL_S = 0.04;
/** Between packets that must not overtake each other. */
const WIDE_INTERVAL_S = 0.12;
const TIMEOUT_S = 1;
/** Comes back after the timeout, while the train still listens. */
const LATE_MS = 1200;

interface Harm {
  readonly protocol: 'icmp' | 'udp';
  readonly count: number;
  readonly intervalSeconds: number;
  readonly delayMs: number;
  readonly hops: number;
  readonly lost: readonly number[];
  readonly doubled: readonly number[];
  readonly late: readonly number[];
  /** Held back by `holdMs`; where that is longer than the interval, the next packets overtake them. */
  readonly held: readonly number[];
  readonly holdMs: number;
}

function trainOf({ protocol, count, intervalSeconds, delayMs, hops, lost, doubled, late, held, holdMs }: Harm): Train {
  const fates = (packets: readonly number[], fate: ScriptedPacket['fate']) =>
    packets.map((packet) => ({ protocol, packet, fate }));
  const script = [
    ...fates(lost, 'lose'),
    ...fates(doubled, 'duplicate'),
    ...fates(late, { holdMs: LATE_MS }),
    ...fates(held, { holdMs }),
  ];
  const received = count - lost.length - late.length;
  return {
    path: { forward: { delayMs, script }, backward: { delayMs }, hops },
    options: { count, intervalSeconds, timeoutSeconds: TIMEOUT_S },
    counts: {
      sent: count,
      received,
      duplicates: doubled.length,
      late: late.length,
      reordered: holdMs > 1000 * intervalSeconds ? held.length : 0,
      loss_pct: (100 * (count - received)) / count,
    },
  };
}

/** A train of which each second packet is held back by this long, ms; none overtakes another. */
export function unsteadyTrainOf(protocol: Harm['protocol'], holdMs: number): Train {
  const held = [1, 3, 5, 7, 9];
  const harm = { lost: [], doubled: [], late: [], held, holdMs };
  return trainOf({ protocol, count: 10, intervalSeconds: WIDE_INTERVAL_S, delayMs: 5, hops: 1, ...harm });
}

/** Two trains of which no figure is alike. */
export const trainsOf = (protocol: Harm['protocol']): { readonly calm: Train; readonly rough: Train } => ({
  calm: trainOf({
    protocol,
    count: 14,
    intervalSeconds: INTERVAL_S,
    delayMs: 5,
    hops: 3,
    lost: [2],
    doubled: [4],
    late: [0],
    held: [7],
    holdMs: 120,
  }),
  rough: trainOf({
    protocol,
    count: 20,
    intervalSeconds: INTERVAL_S,
    delayMs: 60,
    hops: 7,
    lost: [2, 3, 14],
    doubled: [4, 5],
    late: [0, 1],
    held: [7, 11],
    holdMs: 450,
  }),
});

/** What a far host does to the payloads of its answers, by place in the train, and the counts of it. */
export function flawedTrainOf(protocol: Harm['protocol'], cut: readonly number[], damaged: readonly number[]): Train {
  const script: readonly ScriptedPacket[] = [
    ...cut.map((packet) => ({ protocol, packet, fate: { keepBytes: 30 } })),
    ...damaged.map((packet) => ({ protocol, packet, fate: { flipByte: 40 } })),
  ];
  return {
    path: { forward: { delayMs: 5 }, backward: { delayMs: 5, script }, hops: 1 },
    options: { count: 8, intervalSeconds: WIDE_INTERVAL_S, timeoutSeconds: TIMEOUT_S },
    counts: { sent: 8, received: 8, loss_pct: 0, truncated: cut.length, corrupted: damaged.length },
  };
}

/** What a run gave, and the packets of its train as the measuring host's device saw them. */
export interface Carried<T> {
  readonly outcome: T;
  readonly carried: readonly RoundTrip[];
}

/** How often a train is run at most. */
const ATTEMPTS = 5;

/**
 * Runs a train on labs of its own. A busy machine sends late: what was set then does something else to the train, so
 * it is run again.
 */
export async function inPace<T>(
  { options }: Train,
  openLab: () => Promise<Lab>,
  run: (lab: Lab) => Promise<T>,
): Promise<Carried<T>> {
  for (let left = ATTEMPTS; ; left--) {
    const lab = await openLab();
    const capture = await lab.capture('icmp or icmp6 or udp');
    const outcome = await run(lab);
    await lab.settle();
    const carried = roundTripsOf(await capture.stop());
    if (left <= 1 || keptPace(carried, options.intervalSeconds * 1000)) return { outcome, carried };
  }
}

/** Whether each packet left the host neither much too late nor in a hurry after one that did. */
function keptPace(train: readonly RoundTrip[], intervalMs: number): boolean {
  return train.slice(1).every(({ leftAtNs }, index) => {
    const gapMs = Number(leftAtNs - (train[index]?.leftAtNs ?? 0n)) / 1e6;
    return gapMs > intervalMs / 4 && gapMs < 2 * intervalMs;
  });
}

/** Wire times in ms, in order of sending; what came after the timeout is lost, as it is to the probe. */
export function wireTimesMs(train: readonly RoundTrip[]): (number | null)[] {
  return train.map(({ leftAtNs, backAtNs: [back] }) => {
    const rttMs = back === undefined ? Number.POSITIVE_INFINITY : Number(back - leftAtNs) / 1e6;
    return rttMs <= TIMEOUT_S * 1000 ? rttMs : null;
  });
}

/** How far the measuring host's kernel may move a round trip between its device and its socket, ms. */
const KERNEL_MS = 4;

/** What the round-trip figures must be, from what the device saw of the train. */
export function rttExpectations(train: readonly RoundTrip[]): Record<string, Expected> {
  const { min, avg, median, p95, max, stddev = Number.NaN } = spreadOf(train);
  const figures = { min, avg, median, p95, max, stddev };
  return Object.fromEntries(Object.entries(figures).map(([key, ms]) => [`rtt_${key}_ms`, near(ms, KERNEL_MS)]));
}

/** Of a train in which nothing was reordered: jitter takes the answers as they arrived, IPDV as their packets were sent. */
export function variationExpectations(train: readonly RoundTrip[]): Record<string, Expected> {
  const times = wireTimesMs(train);
  const [jitter = Number.NaN, ipdv = Number.NaN] = [interarrivalJitter(times), meanAbsoluteIpdv(times)];
  return { jitter_ms: near(jitter, 2), ipdv_ms: near(ipdv, KERNEL_MS) };
}

export function spreadOf(train: readonly RoundTrip[]): Distribution {
  const spread = distributionOf(wireTimesMs(train));
  if (spread === undefined) throw new Error('the lab brought no answer back in time');
  return spread;
}
