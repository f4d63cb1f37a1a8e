import { listDueSeries } from './due-series.ts';
import type { Span, SpanChanges } from './span.ts';

type ByTarget = ReadonlyMap<number, Span>;
const NO_SPANS: ByTarget = new Map();
const NO_AGENTS: ReadonlyMap<number, ByTarget> = new Map();
const NO_CHECKS: ReadonlySet<number> = new Set();

/** The due spans, indexed by agent and by check. A lookup costs in proportion to its result. */
export class SpanIndex {
  /** By check, agent and target. */
  readonly #byCheck = new Map<number, Map<number, Map<number, Span>>>();
  readonly #checksOf = new Map<number, Set<number>>();
  readonly #load = new Map<number, number>();
  /** Lists of due series by check, until one of its spans changes. */
  readonly #lists = new Map<number, Float64Array>();
  #size = 0;

  /** How many spans there are. */
  get size(): number {
    return this.#size;
  }

  /** Spans of one agent and check, by target. */
  of(agent: number, check: number): ByTarget {
    return this.#byCheck.get(check)?.get(agent) ?? NO_SPANS;
  }

  *ofAgent(agent: number): Generator<Span> {
    for (const check of this.checksOf(agent)) yield* this.of(agent, check).values();
  }

  /** Agents that have spans of a check, each with its spans by target. */
  agentsOf(check: number): ReadonlyMap<number, ByTarget> {
    return this.#byCheck.get(check) ?? NO_AGENTS;
  }

  /** Due series of a check, as `VerdictQuestion` has them. */
  seriesOf(check: number): Float64Array {
    const known = this.#lists.get(check);
    if (known !== undefined) return known;
    const list = listDueSeries(this.agentsOf(check));
    this.#lists.set(check, list);
    return list;
  }

  /** Checks that an agent has spans of. */
  checksOf(agent: number): ReadonlySet<number> {
    return this.#checksOf.get(agent) ?? NO_CHECKS;
  }

  /** How many spans an agent has. */
  load(agent: number): number {
    return this.#load.get(agent) ?? 0;
  }

  set(span: Span): void {
    const { agent, check, target } = span;
    this.#lists.delete(check);
    const byAgent = entry(this.#byCheck, check, () => new Map<number, Map<number, Span>>());
    const byTarget = entry(byAgent, agent, () => new Map<number, Span>());
    if (!byTarget.has(target)) this.#count(agent, 1);
    byTarget.set(target, span);
    entry(this.#checksOf, agent, () => new Set<number>()).add(check);
  }

  clear(): void {
    for (const map of [this.#byCheck, this.#checksOf, this.#load, this.#lists]) map.clear();
    this.#size = 0;
  }

  delete({ agent, check, target }: Pick<Span, 'agent' | 'check' | 'target'>): void {
    const byAgent = this.#byCheck.get(check);
    const byTarget = byAgent?.get(agent);
    if (byAgent === undefined || byTarget?.delete(target) !== true) return;
    this.#lists.delete(check);
    this.#count(agent, -1);
    if (byTarget.size > 0) return;
    byAgent.delete(agent);
    if (byAgent.size === 0) this.#byCheck.delete(check);
    const checks = this.#checksOf.get(agent);
    checks?.delete(check);
    if (checks?.size === 0) this.#checksOf.delete(agent);
  }

  /** Applies stored changes. A span may be closed and added again in the same change. */
  apply({ added, ended, closed }: SpanChanges): void {
    for (const span of closed) this.delete(span);
    for (const span of ended) this.set(span);
    for (const span of added) this.set(span);
  }

  #count(agent: number, change: 1 | -1): void {
    this.#size += change;
    const load = this.load(agent) + change;
    if (load === 0) this.#load.delete(agent);
    else this.#load.set(agent, load);
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
