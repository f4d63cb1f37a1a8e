import type { Addresses, RunContext } from '../contract/context.ts';
import type { ProbeDescriptor } from '../contract/descriptor.ts';
import type { Outcome } from '../contract/outcome.ts';
import { parseTarget } from '../contract/parse-target.ts';
import type { Runner } from '../contract/runner.ts';
import { suiteHost } from './run-probe.test-support.ts';

/** Runs a probe with a resolver that returns the suite's addresses. */
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
