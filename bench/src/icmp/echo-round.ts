import { keepCode } from '@netsonde/agent';
import { catalog, type Outcome, parseTarget } from '@netsonde/probes/catalog';
import { execute, openSystemRunHost, type RunHost, runners } from '@netsonde/probes/runtime';
import type { EchoEngine } from '@netsonde/sockets';
import { ownCpuSeconds } from '../report/cpu.ts';

/** What each target receives in a round. */
export interface RoundPlan {
  readonly targets: readonly string[];
  readonly count: number;
  readonly intervalSeconds: number;
  /** Runs start evenly over this time, as in a schedule with phases; 0: all at once. */
  readonly spreadSeconds: number;
}

/** The result of a round: whole runs, each summarized to an outcome. */
export interface EchoRound {
  readonly sent: number;
  readonly received: number;
  /** RTTs that are the difference of two kernel stamps. */
  readonly kernelStamped: number;
  readonly wallSeconds: number;
  /** Of the whole process, including the engine thread and summarizing. */
  readonly cpuSeconds: number;
  /** Most packets that the engine sent in one pass. */
  readonly largestBurst: number;
  readonly rttsMs: readonly number[];
}

/** Runs probes as the agent does, over one engine. */
export interface EchoBench {
  round(plan: RoundPlan): Promise<EchoRound>;
  close(): Promise<void>;
}

/** Opens what the agent opens for its runs, in a process with the agent's settings. */
export function openEchoBench(): EchoBench {
  keepCode();
  const host = openSystemRunHost({ refusal: () => null });
  const bursts: number[] = [];
  const watched: RunHost = { ...host, echoEngine: async () => noting(await host.echoEngine(), bursts) };
  return {
    async round(plan) {
      bursts.length = 0;
      const round = await runRound(watched, plan);
      return { ...round, largestBurst: Math.max(...bursts) };
    },
    close: () => host.close(),
  };
}

/** The same engine. Its trains also report their largest burst to `bursts`, since outcomes do not contain it. */
function noting(engine: EchoEngine, bursts: number[]): EchoEngine {
  return {
    ...engine,
    async train(request, control) {
      const train = await engine.train(request, control);
      if (train.largestBurst !== undefined) bursts.push(train.largestBurst);
      return train;
    },
  };
}

async function runRound(host: RunHost, plan: RoundPlan): Promise<Omit<EchoRound, 'largestBurst'>> {
  const { icmp } = catalog;
  const { count, intervalSeconds } = plan;
  const options = icmp.options.parse({ count, intervalSeconds, timeoutSeconds: 2 });
  const targets = plan.targets.map((text) => parseTarget(icmp.target, text));
  const tally = { sent: 0, received: 0, kernelStamped: 0, rttsMs: new Array<number>(targets.length * count).fill(0) };
  const cpuBefore = ownCpuSeconds();
  const startedMs = performance.now();
  await Promise.all(
    targets.map(async (target, index) => {
      const waitMs = (plan.spreadSeconds * 1000 * index) / targets.length;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      add(tally, (await execute(host, icmp, runners.icmp, target, options)).outcome);
    }),
  );
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const cpuSeconds = ownCpuSeconds() - cpuBefore;
  return { ...tally, rttsMs: tally.rttsMs.slice(0, tally.received), wallSeconds, cpuSeconds };
}

type Tally = { sent: number; received: number; kernelStamped: number; rttsMs: number[] };

/** Counts from the outcome alone. It is released afterwards, as an agent releases it to its spool. */
function add(tally: Tally, { metrics, stamps, samples }: Outcome): void {
  tally.sent += Number(metrics.sent);
  tally.kernelStamped += stamps.kernel;
  for (const rtt of samples?.rtts_ms ?? []) {
    if (rtt === null) continue;
    tally.rttsMs[tally.received] = rtt;
    tally.received += 1;
  }
}
