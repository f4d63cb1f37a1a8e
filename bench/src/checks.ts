import { parseArgs } from 'node:util';
import { type Blackbox, startBlackbox } from './checks/blackbox.ts';
import { type CpuPlan, type CpuRound, idleShare, makeTest, ourRound, theirRound } from './checks/cpu-round.ts';
import { type Kind, kindsAt, servicesFor } from './checks/kinds.ts';
import { makeTests, type ScheduleFigures, scheduleFigures } from './checks/thousand-tests.ts';
import { printFigure } from './report/figure.ts';
import { openProduct, type Product } from './running/product.ts';
import type { RunningProgram } from './running/program.ts';
import { startServices } from './running/services.ts';

/**
 * Checks: CPU of an agent's whole path (schedule, run, result, durable spool, uplink), and of blackbox_exporter with
 * the same checks per second of the same servers, in alternating rounds. Then 1,000 tests at an agent's start. Each
 * runs in its own process; the CPU of the servers and of the driver is not counted. `--rounds`, `--seconds` (a
 * window), `--rate` (checks/s), `--only http,tcp,dns,icmp,schedule`, `--profile FOLDER` (a CPU profile of the agent).
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '250' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const INTERVAL_S = 5;
const IDLE_S = 5;
/** Checks of each kind before the first window. */
const WARM_UP_S = 15;
const TESTS = 1000;
const plan: CpuPlan = {
  targets: Number(values.rate) * INTERVAL_S,
  interval: INTERVAL_S,
  seconds: Number(values.seconds),
};
const wanted = values.only?.split(',') ?? null;
const isWanted = (name: string) => wanted === null || wanted.includes(name);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Pair {
  readonly ours: CpuRound;
  readonly theirs: CpuRound;
}

async function cpuOfKinds(product: Product, blackbox: Blackbox, kinds: readonly Kind[]): Promise<void> {
  const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const agent = await product.startAgent('bench', flags);
  const { id } = await product.agentInStep('bench');
  const tests = new Map<Kind, Awaited<ReturnType<typeof makeTest>>>();
  for (const kind of kinds) tests.set(kind, await makeTest(product, id, kind, plan));
  // A process that runs for days has compiled its code: the cost of its first minute is not the cost of a check.
  for (const { id: test } of tests.values()) {
    await product.api.post(`/tests/${test}/start`);
    await sleep(WARM_UP_S * 1000);
    await product.api.post(`/tests/${test}/stop`);
  }
  await sleep(2000);
  const idle: (readonly number[])[] = [];
  const pairs = new Map<Kind, Pair[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const shares = await idleShare([agent.pid, blackbox.pid], IDLE_S);
    idle.push(shares);
    const [ourIdle = 0, theirIdle = 0] = shares;
    for (const [kind, test] of tests) {
      const ours = await ourRound(product, agent.pid, ourIdle, test, plan);
      const theirs = await theirRound(blackbox, theirIdle, kind, plan);
      pairs.get(kind)?.push({ ours, theirs });
    }
  }
  await agent.stop();
  printCpu(pairs, idle);
}

const per100k = ({ cpuSeconds, checks }: CpuRound) => (cpuSeconds / checks) * 1e5;

function printCpu(pairs: ReadonlyMap<Kind, readonly Pair[]>, idle: readonly (readonly number[])[]): void {
  const note = `${plan.targets} targets every ${plan.interval} s, windows of ${plan.seconds} s, idle CPU subtracted`;
  const name = 'blackbox_exporter';
  for (const [{ probe, goal }, rounds] of pairs)
    printFigure({
      bench: 'checks',
      figure: `CPU per ${probe} check`,
      unit: 's/100,000 checks',
      rounds: rounds.map(({ ours }) => per100k(ours)),
      peer: { name, rounds: rounds.map(({ theirs }) => per100k(theirs)) },
      note: goal === undefined ? note : `${note}; goal: at most ${goal} of the peer`,
    });
  const asked = (plan.targets / plan.interval) * plan.seconds;
  for (const [{ probe }, rounds] of pairs)
    printFigure({
      bench: 'checks',
      figure: `${probe} checks made of those asked for`,
      unit: '%',
      rounds: rounds.map(({ ours }) => (100 * ours.checks) / asked),
      peer: { name, rounds: rounds.map(({ theirs }) => (100 * theirs.checks) / asked) },
    });
  const idleOf = (place: number) => idle.map((shares) => (shares[place] ?? 0) * 3600);
  printFigure({ bench: 'checks', figure: 'CPU of the idle agent', unit: 's/hour', rounds: idleOf(0) });
  printFigure({ bench: 'checks', figure: `CPU of the idle ${name}`, unit: 's/hour', rounds: idleOf(1) });
}

async function schedule(product: Product, kind: Kind): Promise<void> {
  const tests = await makeTests(product, kind, TESTS, INTERVAL_S);
  const first = await scheduleOf(product, tests);
  const again: ScheduleFigures[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) again.push(await scheduleOf(product, tests));
  const note = `${TESTS} tests, one ${kind.probe} check each, every ${INTERVAL_S} s; from the stored results`;
  const figure = (name: string, unit: string, pick: (figures: ScheduleFigures) => number, rounds = again) =>
    printFigure({ bench: 'checks', figure: name, unit, rounds: rounds.map(pick), note });
  figure('all tests scheduled after the first start (enrolment)', 's', (one) => one.scheduledAfterSeconds, [first]);
  figure('all tests scheduled after a restart', 's', (one) => one.scheduledAfterSeconds);
  figure('instants without a result after that', 'runs', (one) => one.missing);
  figure('runs off their grid', 'runs', (one) => one.offGrid);
  figure('start after the instant, median', 'ms', (one) => one.lateMedianMs);
  figure('start after the instant, p99', 'ms', (one) => one.lateP99Ms);
  figure('lateness of the last run minus the first, median', 'ms', (one) => one.driftMs);
}

/** One agent process, for which the tests are made. */
async function scheduleOf(product: Product, tests: readonly number[]): Promise<ScheduleFigures> {
  const startedMs = Date.now();
  const agent: RunningProgram = await product.startAgent('thousand');
  await product.agentInStep('thousand');
  await sleep((4 * INTERVAL_S + 1) * 1000);
  await agent.stop();
  return scheduleFigures(product, tests, startedMs, INTERVAL_S);
}

const product = await openProduct();
const services = await startServices(product.folder, servicesFor(plan.targets));
const blackbox = await startBlackbox(product.folder);
try {
  const kinds = kindsAt(services.ports);
  const chosen = kinds.filter(({ probe }) => isWanted(probe));
  if (chosen.length > 0) await cpuOfKinds(product, blackbox, chosen);
  const [, tcp] = kinds;
  if (isWanted('schedule') && tcp !== undefined) await schedule(product, tcp);
} finally {
  await blackbox.stop();
  await services.stop();
  await product.close();
}
