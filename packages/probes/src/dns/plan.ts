import type { DnsOptions } from './descriptor.ts';
import type { Question } from './message.ts';
import { queryName } from './query-name.ts';
import { type NamedResolver, parseResolver } from './resolver-option.ts';

/** What the runs of a check have in common. */
export interface Plan {
  readonly host: string;
  readonly question: Question;
  /** The same without recursion. */
  readonly cacheQuestion: Question;
  /** null: the system's, which may change from run to run. */
  readonly resolver: NamedResolver | null;
}

/** One plan is kept for each check's options: reading them anew costs more than the rest of the preparation. */
const kept = new WeakMap<DnsOptions, Plan>();

/** @throws RunFailure for an address where a name is needed */
export function planOf(host: string, options: DnsOptions): Plan {
  const known = kept.get(options);
  if (known?.host === host) return known;
  const { type, dnssec, resolver, transport } = options;
  const question = Object.freeze({ name: queryName(host, type), type, dnssec, recursive: true });
  const plan = Object.freeze({
    host,
    question,
    cacheQuestion: Object.freeze({ ...question, recursive: false }),
    resolver: resolver === '' ? null : parseResolver(resolver, transport),
  });
  kept.set(options, plan);
  return plan;
}
