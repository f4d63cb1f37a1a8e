import type { EchoEngine, StopSignal } from '@netsonde/sockets';
import { type Clock, type RunContext, RunFailure, RunStopped } from '../contract/context.ts';
import type { ProbeDescriptor } from '../contract/descriptor.ts';
import type { MetricValue } from '../contract/metric.ts';
import { absentRest, type Finding, type Outcome } from '../contract/outcome.ts';
import type { TargetPolicy } from '../contract/policy.ts';
import type { Runner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { HostNetwork } from '../net/path-state.ts';
import { Patience } from '../net/patience.ts';
import { resolveHost } from '../net/resolve.ts';
import { systemClock } from '../net/system-clock.ts';
import { withoutSilence } from './agent-side-figures.ts';
import { attribute } from './attribution.ts';
import { RunStop } from './run-stop.ts';
import { stallWatch } from './stall-watch.ts';
import { withoutStalledFigures } from './stalled-figures.ts';

/** How long the runner of a stopped run may take to end, ms. */
const STOPPING_MS = 250;
const MAX_LOG_LINES = 200;
const MAX_LOG_LINE = 500;

/** Services that all runs of a host share. */
export interface RunHost {
  readonly clock: Clock;
  readonly policy: TargetPolicy;
  random(): number;
  echoEngine(): Promise<EchoEngine>;
  /** Reports the state of this host's own network, which decides whose fault a failed run is; absent: unknown. */
  readonly network?: HostNetwork;
}

/** How one run ended: its outcome, its log (formatted on first read), and whether it was cut short. */
export interface Execution {
  readonly outcome: Outcome;
  readonly log: readonly string[];
  readonly stopped: RunStopped['why'] | null;
  /** From the start of the run to the end of its last observation, ms; the attribution comes after it. */
  readonly tookMs: number;
  /**
   * The longest stall of this process during the run, or how long a wait lasted beyond its timeout, ms; 0: nothing long
   * enough to matter.
   */
  readonly stalledMs: number;
}

export interface ExecuteOptions {
  /**
   * Aborting it cancels the run. Use one per run, since its deadline aborts it too. A signal that outlives the run
   * would keep the run's objects alive until the next major garbage collection.
   */
  readonly stop?: RunStop;
  /** Called with each observation, for progress. */
  readonly onObservation?: (observation: unknown) => void;
}

/**
 * Runs one probe once and returns its outcome. It never rejects because of the network, the target or a cancel.
 * @param options already parsed by the descriptor's schema.
 */
export async function execute(
  host: RunHost,
  descriptor: ProbeDescriptor,
  runner: Runner,
  target: Target,
  options: Readonly<Record<string, unknown>>,
  { stop = new RunStop(), onObservation }: ExecuteOptions = {},
): Promise<Execution> {
  const leaveWatch = stallWatch.enter(runner.kernelTimed?.(options) ?? false);
  const fromMs = systemClock.monotonicMs();
  const clock = new RunClock(host.clock);
  const log = new RunLog(clock);
  const deadline = new Patience(host.clock, descriptor.cost(options).seconds * 1000);
  const inTime = deadline.wait(() => stop.abort(new RunStopped('deadline')));
  const observations: unknown[] = [];
  const ended = async (outcome: Outcome, stopped: RunStopped['why'] | null): Promise<Execution> => {
    const run = { fromMs, toMs: systemClock.monotonicMs() };
    const timed = withoutStalledFigures(descriptor, outcome, run, (during) => stallWatch.longestMs(during));
    const stalledMs = Math.max(stallWatch.longestMs(run), clock.overrunMs);
    const judged = await attribute(timed, host.network);
    // A cancelled run is shown to the user who cancelled it and is not stored. Its figures count decided packets only.
    const final = stopped === 'cancelled' ? judged : withoutSilence(descriptor, judged);
    return executionOf(final, log, stopped, { tookMs: run.toMs - fromMs, stalledMs });
  };
  try {
    const context = contextOf(host, clock, stop, log, onObservation !== undefined);
    await untilAbandoned(stop, async (isAbandoned) => {
      for await (const observation of runner.run(context, target, options)) {
        if (isAbandoned()) return;
        observations.push(observation);
        onObservation?.(observation);
      }
    });
    return await ended(inWholeNs(descriptor, runner.summarize(observations, target, options)), stopOf(stop));
  } catch (error) {
    const run = { descriptor, runner, target, options, signal: stop, log };
    return await ended(failed(error, observations, run), stopOf(stop));
  } finally {
    inTime();
    leaveWatch();
  }
}

/**
 * Waits for a run's work, but at most {@link STOPPING_MS} after the run was stopped. It abandons a runner that ignores
 * its signal.
 * @throws what the work throws, or the reason why the run was stopped
 */
function untilAbandoned(stop: StopSignal, work: (isAbandoned: () => boolean) => Promise<void>): Promise<void> {
  let isAbandoned = false;
  let timer: NodeJS.Timeout | undefined;
  return new Promise<void>((resolve, reject) => {
    const abandon = () => {
      isAbandoned = true;
      reject(stop.reason);
    };
    const stopped = () => {
      timer = setTimeout(abandon, STOPPING_MS);
    };
    const settle = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    };
    stop.addEventListener('abort', stopped);
    if (stop.aborted) stopped();
    work(() => isAbandoned).then(
      () => {
        settle();
        resolve();
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

const executionOf = (
  outcome: Outcome,
  log: RunLog,
  stopped: RunStopped['why'] | null,
  { tookMs, stalledMs }: Pick<Execution, 'tookMs' | 'stalledMs'>,
): Execution => ({
  outcome,
  get log() {
    return log.lines;
  },
  stopped,
  tookMs,
  stalledMs,
});

/**
 * Differences of the process's clock carry binary noise far below the nanosecond that the clock resolves, so it is
 * rounded off. Figures of a probe with samples stay as they are: they must follow from the samples to the last bit.
 */
function inWholeNs({ samples, metrics }: ProbeDescriptor, outcome: Outcome): Outcome {
  if (samples.length > 0) return outcome;
  let rounded: Record<string, MetricValue> | null = null;
  for (const { id, unit } of metrics) {
    const value = outcome.metrics[id];
    if (unit !== 'ms' || typeof value !== 'number') continue;
    const whole = Math.round(value * 1e6) / 1e6;
    if (whole === value) continue;
    rounded ??= { ...outcome.metrics };
    rounded[id] = whole;
  }
  return rounded === null ? outcome : { ...outcome, metrics: rounded };
}

interface Failed {
  readonly descriptor: ProbeDescriptor;
  readonly runner: Runner;
  readonly target: Target;
  readonly options: unknown;
  readonly signal: StopSignal;
  readonly log: RunLog;
}

function failed(error: unknown, observations: readonly unknown[], run: Failed): Outcome {
  const stopped = stopOf(run.signal);
  run.log.add(error instanceof Error ? error.message : String(error));
  if (!(error instanceof RunFailure) && stopped !== null && observations.length > 0)
    return run.runner.summarize(observations, run.target, run.options);
  const finding = findingOf(error, stopped);
  const verdict: Verdict = finding.side === 'target' || finding.side === 'path' ? 'down' : 'unknown';
  return {
    verdict,
    finding,
    metrics: {},
    absent: absentRest(run.descriptor.metrics, {}, finding.cause === 'timeout' ? 'timed_out' : 'run_failed'),
    stamps: { kernel: 0, process: 0 },
    detail: {},
  };
}

function findingOf(error: unknown, stopped: RunStopped['why'] | null): Finding {
  if (error instanceof RunFailure) return error.finding;
  if (stopped === 'cancelled') return { cause: 'cancelled', side: 'agent', operation: 'run' };
  // Each probe has its own timeouts within the deadline, so a run that hits the deadline was delayed by this host.
  if (stopped === 'deadline') return { cause: 'timeout', side: 'agent', operation: 'run' };
  return { cause: 'internal', side: 'agent', operation: error instanceof Error ? error.message : String(error) };
}

function stopOf({ aborted, reason }: StopSignal): RunStopped['why'] | null {
  if (!aborted) return null;
  return reason instanceof RunStopped ? reason.why : 'cancelled';
}

function contextOf(host: RunHost, clock: Clock, signal: StopSignal, log: RunLog, followed: boolean): RunContext {
  const permit = (address: string) => {
    const refusal = host.policy.refusal(address);
    if (refusal === null) return;
    throw new RunFailure({ cause: 'policy', side: 'agent', operation: `policy ${address}` }, refusal);
  };
  return {
    clock,
    signal,
    followed,
    log: (line) => log.add(line),
    random: () => host.random(),
    echoEngine: () => host.echoEngine(),
    permit,
    async resolve(name, family) {
      const addresses = await resolveHost(name, family, signal, clock);
      for (const { address } of addresses) permit(address);
      return addresses;
    },
  };
}

/** The host's clock, and the longest overrun that waits of this run reported. */
class RunClock implements Clock {
  readonly #clock: Clock;
  /** ms; 0: every wait ended in time. */
  overrunMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  overran(ms: number): void {
    this.overrunMs = Math.max(this.overrunMs, ms);
  }
}

/** A run's own log, limited in lines and line length. It states how many lines it dropped. */
class RunLog {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #lines: { readonly atMs: number; readonly line: string }[] = [];
  #left = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  add(line: string): void {
    if (this.#lines.length >= MAX_LOG_LINES) this.#left += 1;
    else this.#lines.push({ atMs: this.#clock.monotonicMs() - this.#startedMs, line: line.slice(0, MAX_LOG_LINE) });
  }

  get lines(): readonly string[] {
    const lines = this.#lines.map(({ atMs, line }) => `${atMs.toFixed(3)} ms ${line}`);
    return this.#left === 0 ? lines : [...lines, `${this.#left} more lines left out`];
  }
}
