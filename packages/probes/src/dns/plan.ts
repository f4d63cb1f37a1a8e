import type { DnsOptions } from './descriptor.ts';
import type { Question } from './message.ts';
import { queryName } from './query-name.ts';
import { type NamedResolver, parseResolver } from './resolver-option.ts';

/** What all runs of a check share. */
export interface Plan {
  readonly question: Question;
  /** The same without recursion. */
  readonly cacheQuestion: Question;
  /** Both without EDNS, for a resolver that refuses it. */
  readonly plain: { readonly question: Question; readonly cacheQuestion: Question };
  /** null: the system's, which may change from run to run. */
  readonly resolver: NamedResolver | null;
}

/** Cached plans by target of each check, since parsing the options costs more than the rest of the preparation. */
const kept = new WeakMap<DnsOptions, Map<string, Plan>>();
const MOST_KEPT = 10_000;

/** @throws RunFailure for an address where a name is needed */
export function planOf(host: string, options: DnsOptions): Plan {
  const plans = kept.get(options) ?? new Map<string, Plan>();
  const known = plans.get(host);
  if (known !== undefined) return known;
  const { type, dnssec, resolver, transport } = options;
  const question = Object.freeze({ name: queryName(host, type), type, dnssec, recursive: true, edns: true });
  const plan = Object.freeze({
    question,
    cacheQuestion: Object.freeze({ ...question, recursive: false }),
    plain: Object.freeze({
      question: Object.freeze({ ...question, edns: false }),
      cacheQuestion: Object.freeze({ ...question, edns: false, recursive: false }),
    }),
    resolver: resolver === '' ? null : parseResolver(resolver, transport),
  });
  if (plans.size >= MOST_KEPT) plans.clear();
  kept.set(options, plans.set(host, plan));
  return plan;
}
