import type { Addresses, RunContext } from './context.ts';
import type { ProbeDescriptor } from './descriptor.ts';
import type { Outcome } from './outcome.ts';
import { parseTarget } from './parse-target.ts';
import { suiteHost } from './run-probe.test-support.ts';
import type { Runner } from './runner.ts';

/** Runs a probe where each name resolves to what the suite says. */
export async function runResolved(
  descriptor: ProbeDescriptor,
  runner: Runner,
  text: string,
  given: Readonly<Record<string, unknown>>,
  resolve: (host: string) => Promise<Addresses>,
): Promise<Outcome> {
  const context: RunContext = {
    ...suiteHost,
    signal: new AbortController().signal,
    followed: false,
    log: () => {},
    permit: () => {},
    resolve,
  };
  const [target, options] = [parseTarget(descriptor.target, text), descriptor.options.parse(given)];
  const seen: unknown[] = [];
  for await (const observation of runner.run(context, target, options)) seen.push(observation);
  return runner.summarize(seen, target, options);
}
