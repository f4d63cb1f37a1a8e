import { applyExpectations, type ProbeDescriptor, parseTarget, type Target } from '@netsonde/probes/catalog';
import { type Clock, execute, type RunHost, type Runner, type RunStop } from '@netsonde/probes/runtime';
import type { AssignedCheck, RunFlag } from '@netsonde/protocol';
import type { LoopDelay } from './loop-delay.ts';
import { type NewRunRecord, runRecord } from './run-record.ts';

/** A check with its probe looked up, its options and targets parsed: ready to run. */
export interface ReadyCheck {
  readonly check: AssignedCheck;
  readonly descriptor: ProbeDescriptor;
  readonly runner: Runner;
  readonly options: Readonly<Record<string, unknown>>;
  /** Parsed targets by id. */
  readonly targets: ReadonlyMap<number, Target>;
  /** Metrics in ms: the figures that a late event loop distorts. */
  readonly timeMetrics: readonly string[];
  /** The kernel times its runs. A late start or a busy event loop does not affect their figures. */
  readonly kernelTimed: boolean;
}

export interface RunParts {
  readonly host: RunHost;
  readonly clock: Clock;
  readonly loopDelay: LoopDelay;
}

export interface RunRequest {
  readonly target: number;
  /** Scheduled instant, epoch ms. */
  readonly at: number;
  /** The wall clock went back: this instant was reported before. */
  readonly repeated: boolean;
  /** Cancels this run only. */
  readonly stop: RunStop;
  /** Called with each observation while a user watches the run. */
  readonly follow: ((observation: unknown) => void) | null;
}

/** A wall clock that drifts this far from the monotonic one during a run was set, ms. */
const STEP_MS = 100;
/** A run that starts this long after its instant is flagged, ms. */
const LATE_MS = 500;
/** A loop delay is large where it is at least this share of a figure, and at least this floor (ms). */
const DELAY_SHARE = 0.2;
const DELAY_FLOOR_MS = 2;

/** Runs one check once. null: it was cancelled, and there is nothing to record. */
export async function runCheck(parts: RunParts, ready: ReadyCheck, request: RunRequest): Promise<NewRunRecord | null> {
  const { clock, loopDelay } = parts;
  const { target, at, stop } = request;
  const wallStart = clock.wallMs();
  const start = clock.monotonicMs();
  const execution = await execute(
    parts.host,
    ready.descriptor,
    ready.runner,
    ready.targets.get(target) ?? missingTarget(ready, target),
    ready.options,
    request.follow === null ? { stop } : { stop, onObservation: request.follow },
  );
  if (execution.stopped === 'cancelled') return null;
  const end = clock.monotonicMs();
  const stepped = Math.abs(clock.wallMs() - wallStart - (end - start)) > STEP_MS;
  const outcome = applyExpectations(execution.outcome, ready.check.expectations, ready.descriptor.metrics);
  const lateMs = Math.max(0, wallStart - at);
  const flags: RunFlag[] = [];
  if (isDelayed(ready, outcome, () => loopDelay.worstMs(start, end))) flags.push('loop_delayed');
  if (lateMs > LATE_MS) flags.push('started_late');
  if (execution.stalledMs > 0) flags.push('stalled');
  if (stepped) flags.push('clock_stepped');
  if (request.repeated) flags.push('repeated');
  const facts = { check: ready.check.check, target, at, lateMs, tookMs: execution.tookMs, flags };
  return runRecord(facts, outcome, outcome.verdict === 'up' ? [] : execution.log);
}

/** Kernel time stamps do not depend on the loop. Without a count of stamps, process times are assumed. */
function isDelayed(
  ready: ReadyCheck,
  { metrics, stamps }: ReturnType<typeof applyExpectations>,
  worst: () => number,
): boolean {
  if (stamps.kernel > 0 && stamps.process === 0) return false;
  let smallest = Number.POSITIVE_INFINITY;
  for (const id of ready.timeMetrics) {
    const value = metrics[id];
    if (typeof value === 'number' && value > 0 && value < smallest) smallest = value;
  }
  if (smallest === Number.POSITIVE_INFINITY) return false;
  return worst() > Math.max(DELAY_FLOOR_MS, smallest * DELAY_SHARE);
}

function missingTarget({ check }: ReadyCheck, target: number): Target {
  return parseTarget({ form: 'host' }, check.targets.find((one) => one.target === target)?.address ?? '');
}
