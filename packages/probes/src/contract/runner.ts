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
   * The I/O: yields what it observes, one packet, transaction or batch at a time, so progress and cancelling share one
   * mechanism. Network failures are observations; it throws a RunFailure only if it could not measure at all.
   */
  run(context: RunContext, target: Target, options: Options): AsyncIterable<Observation>;
  /**
   * Whether the kernel's stamps time all figures of a run with these options, so a late start or a busy event loop does
   * not distort them. The schedule starts such runs together, which costs much less. Absent: never.
   */
  kernelTimed?(options: Options): boolean;
  /** Pure: computes the outcome of a run from its observations, even from few or none (after a cancel). */
  summarize(observations: readonly Observation[], target: Target, options: Options): Outcome;
  /** One line of text about an observation, for progress on a terminal; null to print nothing. */
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
