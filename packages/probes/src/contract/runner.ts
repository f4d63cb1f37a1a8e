import type { RunContext } from './context.ts';
import type { OptionsOf, ProbeDescriptor } from './descriptor.ts';
import type { Outcome } from './outcome.ts';
import type { Target } from './target.ts';

/**
 * A probe's runnable half, keyed by the same id as its descriptor.
 * (Method syntax on purpose: registries hold runners of many option types side by side.)
 */
export interface Runner<Options = unknown, Observation = unknown> {
  /**
   * The I/O: yields what it observes, one packet, transaction or batch at a time, so that progress and cancelling are one
   * mechanism. Network failures are observations; only what kept it from measuring at all is thrown (RunFailure).
   */
  run(context: RunContext, target: Target, options: Options): AsyncIterable<Observation>;
  /**
   * Whether the kernel's stamps time all figures of a run with these options, so that neither a late start nor a busy event
   * loop is in them: the schedule then starts such runs together, which costs a fraction. Absent: never.
   */
  kernelTimed?(options: Options): boolean;
  /** Pure: the outcome of a run from its observations, also from few or none (after a cancel). */
  summarize(observations: readonly Observation[], target: Target, options: Options): Outcome;
  /** One line for people about an observation, for progress on a terminal; null to stay silent. */
  describe(observation: Observation): string | null;
}

/** Ties a runner to its descriptor, so that their options cannot differ. */
export function declareRunner<D extends ProbeDescriptor, Observation>(
  _descriptor: D,
  runner: Runner<OptionsOf<D>, Observation>,
): Runner<OptionsOf<D>, Observation> {
  return Object.freeze(runner);
}

/** Runners by probe id. */
export type Runners = Readonly<Record<string, Runner>>;
