import type { ProbeDescriptor } from '../contract/descriptor.ts';
import { parseTarget } from '../contract/parse-target.ts';
import type { Runner } from '../contract/runner.ts';
import { systemNetwork } from '../net/path-state.ts';
import { systemClock } from '../net/system-clock.ts';
import { type ExecuteOptions, type Execution, execute, type RunHost } from './execute.ts';
import { RunStop } from './run-stop.ts';

/** This process as a run host for suites of probes that need no echo engine; its policy allows every address. */
export const suiteHost: RunHost = Object.freeze({
  clock: systemClock,
  policy: { refusal: () => null },
  random: Math.random,
  network: systemNetwork,
  echoEngine: () => Promise.reject(new Error('this suite has no echo engine')),
});

/** Optional settings of a run in a suite. */
export interface Control extends Omit<ExecuteOptions, 'stop'> {
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  readonly host?: RunHost;
}

const MOST_RUNS = 4;

/**
 * Runs a probe as an agent would, from texts as users write them. A run in which this process was stalled lacks figures
 * and is repeated, a few times at most, unless the caller follows it, cancels it or stalls it on purpose.
 */
export async function runProbe(
  descriptor: ProbeDescriptor,
  runner: Runner,
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  control: Control = {},
): Promise<Execution> {
  const isOnce = control.signal !== undefined || control.onObservation !== undefined;
  for (let left = isOnce ? 0 : MOST_RUNS - 1; ; left -= 1) {
    const execution = await runOnce(descriptor, runner, target, options, control);
    if (execution.stalledMs === 0 || left === 0) return execution;
  }
}

function runOnce(
  descriptor: ProbeDescriptor,
  runner: Runner,
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  { signal, host = suiteHost, ...control }: Control = {},
): Promise<Execution> {
  const parsed = descriptor.options.parse(options);
  const stop = new RunStop();
  signal?.addEventListener('abort', () => stop.abort(signal.reason));
  if (signal?.aborted) stop.abort(signal.reason);
  return execute(host, descriptor, runner, parseTarget(descriptor.target, target), parsed, { ...control, stop });
}
