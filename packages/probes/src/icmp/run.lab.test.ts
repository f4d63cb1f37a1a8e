import { randomInt } from 'node:crypto';
import {
  type Direction,
  type EchoTruth,
  echoesOf,
  type Lab,
  openLab,
  type Path,
  type RoundTrip,
  roundTripsOf,
} from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import type { Execution } from '../run/execute.ts';
import { watchedInHost } from '../run/run-in-host.test-support.ts';

/**
 * Each run uses a different path and different faults. The name of a failed test contains the seed that reproduces
 * them.
 */
const SEED = process.env.NETSONDE_TEST_SEED ?? String(randomInt(1_000_000));
const ROUNDS = [0, 1, 2];

const COUNT = 120;
const INTERVAL_S = 0.008;
const TIMEOUT_S = 0.4;
/** Longer than the timeout, and short enough to arrive while the run still listens. */
const HOLD_MS = 600;

let lab: Lab;
afterEach(() => lab.close());

/** Numbers from 0 to 1 that depend on the text alone (FNV-1a, then a linear congruential generator). */
function numbersFrom(text: string): () => number {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A bad path: loss alone and in bursts, copies, jitter, packets overtaken by up to three others, one far too late. */
function badPath(text: string): Path {
  const next = numbersFrom(text);
  const direction = (): Direction => ({
    delayMs: 1 + 4 * next(),
    jitterMs: 2 * next(),
    jitterShape: 'exponential',
    lossPct: 1 + 7 * next(),
    burst: { enterPct: 2 * next(), leavePct: 20 + 40 * next() },
    duplicatePct: 2 + 10 * next(),
    reorderPct: 2 + 10 * next(),
    reorderByMs: 8 + 16 * next(),
  });
  const script = [{ protocol: 'icmp', packet: Math.floor(10 * next()), fate: { holdMs: HOLD_MS } }] as const;
  return { forward: direction(), backward: { ...direction(), script } };
}

const rights = [
  { name: 'raw', unprivileged: false },
  { name: 'ping-socket', unprivileged: true },
] as const;

/** One run to each target at the same time, each with the rights and the family of its place in the list. */
async function runAll(targets: readonly string[], unprivileged: readonly boolean[]): Promise<Execution[]> {
  const options = { count: COUNT, intervalSeconds: INTERVAL_S, timeoutSeconds: TIMEOUT_S };
  return Promise.all(
    targets.map(async (target, index) => {
      const exec: typeof lab.measuring.exec = (program, args) =>
        lab.measuring.exec(program, args, { unprivileged: unprivileged[index] ?? false });
      // One run each: a repeated one would leave more echoes on the wire than the capture is compared with.
      return (await watchedInHost({ exec }, 'icmp', target, options)).result;
    }),
  );
}

const wasInTime = ({ leftAtNs, backAtNs: [back] }: RoundTrip) =>
  back !== undefined && Number(back - leftAtNs) / 1e9 <= TIMEOUT_S;

/** What became of one train at the measuring host's device, in the words of the metrics. */
function countsOf(trips: readonly RoundTrip[]) {
  const answered = trips.filter(({ backAtNs }) => backAtNs.length > 0);
  const inTime = answered.filter(wasInTime);
  const arrivals = inTime
    .map((trip) => ({ ordinal: trips.indexOf(trip), at: trip.backAtNs[0] ?? 0n }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  let highest = -1;
  let reordered = 0;
  for (const { ordinal } of arrivals) {
    if (ordinal < highest) reordered += 1;
    highest = Math.max(highest, ordinal);
  }
  return {
    sent: trips.length,
    received: inTime.length,
    late: answered.length - inTime.length,
    duplicates: answered.reduce((sum, { backAtNs }) => sum + backAtNs.length - 1, 0),
    reordered,
  };
}

/** The delay that the lab's generator asked for, there and back, ms: a round trip is never shorter. */
const leastRttMs = ({ request, repliesDelivered: [reply] }: EchoTruth) =>
  (request.requestedDelayNs + (reply?.requestedDelayNs ?? Number.NaN)) / 1e6;

describe.each(ROUNDS)(`seed ${SEED}, round %i`, (round) => {
  test('loss, bursts, copies, late and overtaken answers are what the wire saw and the lab did, echo by echo', async () => {
    const seed = `${SEED}-${round}`;
    lab = await openLab({ seed, path: badPath(seed) });
    await lab.measuring.sysctl('net.ipv4.ping_group_range', '65534 65534');
    const cases = rights.flatMap((right) => ([4, 6] as const).map((family) => ({ ...right, family })));
    const targets = cases.map(({ family }, index) => lab.targets(cases.length, family)[index] ?? '');
    const capture = await lab.capture('icmp or icmp6');
    const executions = await runAll(
      targets,
      cases.map(({ unprivileged }) => unprivileged),
    );
    await lab.settle();
    const trips = roundTripsOf(await capture.stop());
    const echoes = echoesOf(await lab.truth());
    expect(await lab.deviceDrops()).toBe(0);
    const faults = { lost: 0, duplicates: 0, reordered: 0 };
    for (const [index, { outcome }] of executions.entries()) {
      const label = `${cases[index]?.name}, IPv${cases[index]?.family}`;
      const truth = echoes.filter(({ target }) => target === targets[index]);
      const carried = trips.filter(({ target }) => target === targets[index]);
      expect(carried, label).toHaveLength(COUNT);
      expect(
        carried.map(({ backAtNs }) => backAtNs.length),
        label,
      ).toEqual(truth.map(({ repliesDelivered }) => repliesDelivered.length));
      const counts = countsOf(carried);
      expect(outcome.metrics, label).toMatchObject(counts);
      expect(outcome.detail, label).toMatchObject({ via: cases[index]?.name });
      faults.lost += counts.sent - counts.received;
      faults.duplicates += counts.duplicates;
      faults.reordered += counts.reordered;
      expect(counts.late, label).toBeLessThanOrEqual(1);
      expect(outcome.stamps, label).toEqual({ kernel: counts.received, process: 0 });
      const rtts = outcome.samples?.rtts_ms ?? [];
      const inTime = carried.map(wasInTime);
      expect(
        rtts.map((rtt) => rtt !== null),
        label,
      ).toEqual(inTime);
      const short = truth.filter((echo, at) => inTime[at] && (rtts[at] ?? 0) < leastRttMs(echo));
      expect(short, label).toEqual([]);
    }
    for (const [name, seen] of Object.entries(faults)) expect(seen, `${name}: the path did harm`).toBeGreaterThan(0);
  }, 60_000);
});

test('with ping sockets closed to its group, an unprivileged run reports that and measures nothing', async () => {
  lab = await openLab();
  await lab.measuring.sysctl('net.ipv4.ping_group_range', '1 0');
  const [execution] = await runAll([lab.services.address4], [true]);
  expect(execution?.outcome).toMatchObject({
    verdict: 'unknown',
    finding: { cause: 'permission', side: 'agent' },
    stamps: { kernel: 0, process: 0 },
  });
  expect(echoesOf(await lab.truth())).toEqual([]);
});
