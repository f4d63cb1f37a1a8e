import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type EchoBench, type EchoRound, openEchoBench, type RoundPlan } from './icmp/echo-round.ts';
import { type FpingRound, fpingFlags, fpingRound } from './icmp/fping-round.ts';
import { ownLoopback } from './icmp/own-loopback.ts';
import { loopbackTargets } from './icmp/targets.ts';
import { median, printFigure } from './report/figure.ts';

/**
 * ICMP: the agent's engine with whole runs, an RTT in an outcome for each echo, and fping with the same echoes to the
 * same targets, in alternating rounds, each on its own loopback. `--rounds`, `--echoes` (to each target in a burst),
 * `--only burst|sustained|targets`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    echoes: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const fping = execFileSync('fping', ['--version']).toString().split('\n')[0] ?? 'fping';
const WARM_UP_ROUNDS = 5;
const per100k = ({ cpuSeconds, received }: { cpuSeconds: number; received: number }) => (cpuSeconds / received) * 1e5;
const lost = ({ sent, received }: { sent: number; received: number }) => sent - received;

/** Alternating rounds of ours and of fping. */
async function inTurn(ours: () => Promise<EchoRound>, theirs: () => Promise<FpingRound>) {
  const pairs: { ours: EchoRound; theirs: FpingRound }[] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push({ ours: await ours(), theirs: await theirs() });
  return { ours: pairs.map((pair) => pair.ours), theirs: pairs.map((pair) => pair.theirs) };
}

/**
 * An agent runs for months, so its code is compiled. Rounds without measurement until that is so here too. The peer
 * uses another loopback.
 */
async function openWarm(plan: RoundPlan): Promise<EchoBench> {
  ownLoopback();
  const bench = openEchoBench();
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await bench.round(plan);
  ownLoopback();
  return bench;
}

/** Every echo of 1,000 targets as fast as possible. */
async function burst(): Promise<void> {
  const targets = loopbackTargets(1000);
  const count = Number(values.echoes);
  const plan = { targets, count, intervalSeconds: 0, spreadSeconds: 0 };
  const bench = await openWarm(plan);
  const flags = fpingFlags(count, 1, 0);
  const { ours, theirs } = await inTurn(
    () => bench.round(plan),
    () => fpingRound(targets, flags),
  );
  await bench.close();
  const note = `1,000 loopback targets, ${count} echoes each in one burst, after ${WARM_UP_ROUNDS} unmeasured ones, V8 set up as an agent's; fping ${flags.join(' ')}`;
  const figure = print(fping, note);
  figure('burst rate, start and last wait included', 'echoes/s', ours.map(rate), theirs.map(rate));
  figure('burst CPU', 's/100,000 echoes', ours.map(per100k), theirs.map(per100k));
  figure('burst lost', 'echoes', ours.map(lost), theirs.map(lost));
  figure('burst without two kernel stamps', 'echoes', ours.map(unstamped));
}

/** 4,000 echoes/s for some seconds: 1,000 targets, four per second each, evenly spread. */
async function sustained(): Promise<void> {
  const targets = loopbackTargets(1000);
  const count = 20;
  const plan = { targets, count, intervalSeconds: 0.25, spreadSeconds: 0.25 };
  const bench = await openWarm(plan);
  const flags = fpingFlags(count, 250, 0.1);
  const { ours, theirs } = await inTurn(
    () => bench.round(plan),
    () => fpingRound(targets, flags),
  );
  await bench.close();
  const note = `1,000 loopback targets, ${count} echoes each, one every 250 ms, after ${WARM_UP_ROUNDS} unmeasured rounds, V8 set up as an agent's; fping ${flags.join(' ')}`;
  const figure = print(fping, note);
  figure('sustained rate', 'echoes/s', ours.map(rate), theirs.map(rate));
  figure('sustained CPU', 's/100,000 echoes', ours.map(per100k), theirs.map(per100k));
  figure('sustained lost', 'echoes', ours.map(lost), theirs.map(lost));
  figure('sustained without two kernel stamps', 'echoes', ours.map(unstamped));
  figure(
    'sustained largest burst',
    'packets in one pass',
    ours.map(({ largestBurst }) => largestBurst),
  );
}

/** The number of targets with one echo per second each does not change the median RTT. */
async function manyTargets(): Promise<void> {
  const counts = [1, 10, 100, 1000];
  ownLoopback();
  const bench = openEchoBench();
  const medians = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [count, rounds] of medians) {
      const plan = { targets: loopbackTargets(count), count: 3, intervalSeconds: 1, spreadSeconds: 1 };
      rounds.push(median((await bench.round(plan)).rttsMs) * 1000);
    }
  await bench.close();
  const figure = print(fping, 'three echoes to each target, 1 s apart, targets in even phases');
  for (const [count, rounds] of medians) figure(`median RTT with ${count} targets`, 'us', rounds);
  const spread = Array.from({ length: rounds }, (_, round) => {
    const row = [...medians.values()].map((values) => values[round] ?? Number.NaN);
    return Math.max(...row) - Math.min(...row);
  });
  figure('spread of the medians over 1, 10, 100, 1,000 targets', 'us', spread);
}

const rate = ({ received, wallSeconds }: { received: number; wallSeconds: number }) => received / wallSeconds;
const unstamped = ({ received, kernelStamped }: EchoRound) => received - kernelStamped;

const print = (peer: string, note: string) => (name: string, unit: string, ours: number[], theirs?: number[]) =>
  printFigure({
    bench: 'icmp',
    figure: name,
    unit,
    rounds: ours,
    note,
    ...(theirs === undefined ? {} : { peer: { name: peer, rounds: theirs } }),
  });

for (const [name, section] of Object.entries({ burst, sustained, targets: manyTargets }))
  if (values.only === undefined || values.only === name) await section();
