import type { ProbeDescriptor } from './descriptor.ts';
import { type ExecuteOptions, type Execution, execute, type RunHost } from './execute.ts';
import { parseTarget } from './parse-target.ts';
import type { Runner } from './runner.ts';
import { systemClock } from './system-clock.ts';

/** This process as a run host for suites of probes that need no echo engine; may measure anything. */
export const suiteHost: RunHost = Object.freeze({
  clock: systemClock,
  policy: { refusal: () => null },
  random: Math.random,
  echoEngine: () => Promise.reject(new Error('this suite has no echo engine')),
});

/** Runs a probe as an agent would, from the texts that people write. */
export function runProbe(
  descriptor: ProbeDescriptor,
  runner: Runner,
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  control: ExecuteOptions & { readonly host?: RunHost } = {},
): Promise<Execution> {
  const parsed = descriptor.options.parse(options);
  return execute(
    control.host ?? suiteHost,
    descriptor,
    runner,
    parseTarget(descriptor.target, target),
    parsed,
    control,
  );
}
