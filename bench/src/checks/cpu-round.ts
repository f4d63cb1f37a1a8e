import type { Test } from '@netsonde/protocol/api';
import { cpuSecondsOf } from '../report/cpu.ts';
import type { Product } from '../running/product.ts';
import type { Blackbox } from './blackbox.ts';
import type { Kind } from './kinds.ts';

/** The checks made within a window, and their cost. */
export interface CpuRound {
  readonly checks: number;
  /** User and system time of the process with all its threads, without its idle cost, s. */
  readonly cpuSeconds: number;
}

/** The load of a round. */
export interface CpuPlan {
  readonly targets: number;
  /** Interval between two checks of a target, s. */
  readonly interval: number;
  /** Length of the window, s. */
  readonly seconds: number;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Time before the window, so that each target was checked once already, s. */
const WARM_S = 1;
/** Share of checks that may fail where the machine has other work. */
const MOST_FAILED = 0.01;
/** A window counts only when at least this share of the requested checks was made. Figures are of those that were made. */
const LEAST_MADE = 0.8;

/** CPU time per second of an idle process. */
export async function idleShare(pids: readonly number[], seconds: number): Promise<readonly number[]> {
  const before = pids.map(cpuSecondsOf);
  const started = performance.now();
  await sleep(seconds * 1000);
  const wallSeconds = (performance.now() - started) / 1000;
  return pids.map((pid, index) => (cpuSecondsOf(pid) - (before[index] ?? 0)) / wallSeconds);
}

async function costOf(pid: number, idle: number, seconds: number, count: () => Promise<number>): Promise<CpuRound> {
  const started = performance.now();
  const [checksBefore, cpuBefore] = [await count(), cpuSecondsOf(pid)];
  await sleep(seconds * 1000);
  const [cpu, checks] = [cpuSecondsOf(pid) - cpuBefore, (await count()) - checksBefore];
  return { checks, cpuSeconds: cpu - (idle * (performance.now() - started)) / 1000 };
}

/** A test that is paused until a round runs it. */
export async function makeTest({ api }: Product, agent: number, kind: Kind, plan: CpuPlan): Promise<Test> {
  const test = await api.post<Test>('/tests', {
    name: kind.probe,
    targets: Array.from({ length: plan.targets }, (_, index) => ({ address: kind.ours(index) })),
    checks: [{ probe: kind.probe, options: kind.options }],
    agents: { by: 'chosen', agents: [agent] },
    interval: plan.interval,
    duration: null,
  });
  return api.post<Test>(`/tests/${test.id}/stop`);
}

/** One window of the agent. Only results of the test that the server has stored count. */
export async function ourRound(
  { api }: Product,
  pid: number,
  idle: number,
  test: Test,
  plan: CpuPlan,
): Promise<CpuRound> {
  await api.post(`/tests/${test.id}/start`);
  await sleep((plan.interval + WARM_S) * 1000);
  const round = await costOf(
    pid,
    idle,
    plan.seconds,
    async () => (await api.get<Test>(`/tests/${test.id}`)).resultCount,
  );
  const { verdicts } = await api.post<Test>(`/tests/${test.id}/stop`);
  const wanted = (plan.targets / plan.interval) * plan.seconds;
  const failed = verdicts.down + verdicts.degraded + verdicts.unknown;
  if (round.checks < LEAST_MADE * wanted || failed > MOST_FAILED * plan.targets)
    throw new Error(
      `${test.name}: ${round.checks} checks of ${wanted}; verdicts ${JSON.stringify(verdicts)}; where the machine has no room, give a lower --rate`,
    );
  return round;
}

/** One window of the peer: the same number of checks per second, evenly spread. */
export async function theirRound(blackbox: Blackbox, idle: number, kind: Kind, plan: CpuPlan): Promise<CpuRound> {
  let asked = 0;
  let done = 0;
  const failures: unknown[] = [];
  const started = performance.now();
  const perSecond = plan.targets / plan.interval;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - started) / 1000) * perSecond; asked < due; asked += 1)
      blackbox.probe(kind, asked % plan.targets).then(
        () => {
          done += 1;
        },
        (error: unknown) => failures.push(error),
      );
  }, 2);
  await sleep(2 * WARM_S * 1000);
  const round = await costOf(blackbox.pid, idle, plan.seconds, async () => done);
  clearInterval(timer);
  for (let waited = 0; done + failures.length < asked && waited < 100; waited += 1) await sleep(50);
  if (failures.length > MOST_FAILED * asked) throw failures[0];
  const wanted = perSecond * plan.seconds;
  if (round.checks < LEAST_MADE * wanted)
    throw new Error(`${kind.probe}: the peer made ${round.checks} checks of ${wanted}: give a lower --rate`);
  return round;
}
