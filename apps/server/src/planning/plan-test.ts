import { isOver, LEAD_MS, type Span, type SpanChanges, TAIL_MS } from '../plan/span.ts';
import type { SpanIndex } from '../plan/span-index.ts';
import { dutyEnd, type PlannedTest } from './model.ts';

/** The input for planning one test. */
export interface TestToPlan {
  /** null: the test is deleted. */
  readonly test: PlannedTest | null;
  /** The test's checks, including removed ones. */
  readonly everChecks: readonly number[];
  /** The agents that match its selection now. */
  readonly agents: readonly number[];
  /** Plans only these agents' spans. null: those of all agents. */
  readonly only: ReadonlySet<number> | null;
  readonly due: SpanIndex;
  /** Called again for each agent, since planning many of them takes a while. */
  readonly nowMs: () => number;
}

const NOTHING: SpanChanges = Object.freeze({ added: [], ended: [], closed: [] });

/** The changes that make a test's spans what they should be: one step per agent and check. */
export function* planTest({ test, everChecks, agents, only, due, nowMs }: TestToPlan): Generator<SpanChanges> {
  const wanted = wantedOf(test, nowMs());
  const selected = new Set(wanted === null ? [] : agents);
  const checks = new Set(wanted?.intervals.keys());
  for (const check of everChecks) if (due.agentsOf(check).size > 0) checks.add(check);
  const concerned = new Set(only ?? selected);
  if (only === null) for (const check of checks) for (const agent of due.agentsOf(check).keys()) concerned.add(agent);
  for (const agent of concerned) {
    const atMs = nowMs();
    for (const check of checks) {
      const held = due.of(agent, check);
      const intervalMs = selected.has(agent) ? wanted?.intervals.get(check) : undefined;
      if (wanted === null || intervalMs === undefined) yield held.size === 0 ? NOTHING : closeAll(held);
      else yield changesOf({ ...wanted, agent, check, intervalMs, held, nowMs: atMs });
    }
  }
}

interface Wanted {
  readonly test: PlannedTest;
  readonly toMs: number | null;
  /** Interval of each due check, ms, by check id. A check with a fault is never due. */
  readonly intervals: ReadonlyMap<number, number>;
  readonly targets: ReadonlySet<number>;
}

function wantedOf(test: PlannedTest | null, nowMs: number): Wanted | null {
  if (test === null) return null;
  const toMs = dutyEnd(test);
  if (toMs !== null && toMs + TAIL_MS <= nowMs) return null;
  const sound = test.checks.filter(({ fault }) => fault === null);
  const intervals = new Map(sound.map(({ id, intervalMs }) => [id, intervalMs ?? test.intervalMs]));
  return { test, toMs, intervals, targets: new Set(test.targets.map(({ id }) => id)) };
}

const closeAll = (held: ReadonlyMap<number, Span>): SpanChanges => ({ ...NOTHING, closed: [...held.values()] });

interface Step extends Wanted {
  readonly agent: number;
  readonly check: number;
  readonly intervalMs: number;
  readonly held: ReadonlyMap<number, Span>;
  readonly nowMs: number;
}

function changesOf(step: Step): SpanChanges {
  const { test, toMs, targets, agent, check, intervalMs, held, nowMs } = step;
  const fromMs = Math.max(test.startMs, nowMs + LEAD_MS);
  const mayBegin = toMs === null || fromMs < toMs;
  const added: Span[] = [];
  const ended: Span[] = [];
  const closed: Span[] = [];
  for (const target of targets) {
    const span = held.get(target);
    if (span !== undefined && stays(span, step)) {
      if (span.toMs !== toMs) ended.push({ ...span, toMs });
    } else {
      if (span !== undefined) closed.push(span);
      if (mayBegin) added.push({ id: null, agent, check, target, intervalMs, fromMs, toMs });
    }
  }
  for (const span of held.values()) if (!targets.has(span.target)) closed.push(span);
  return { added, ended, closed };
}

/** Whether a span continues, or ended exactly when it should: same interval, same start. */
function stays(span: Span, { test, intervalMs, toMs, nowMs }: Step): boolean {
  if (isOver(span, nowMs)) return span.toMs === toMs;
  return (
    (toMs === null || toMs > nowMs) &&
    span.intervalMs === intervalMs &&
    (test.startMs <= nowMs ? span.fromMs <= nowMs + LEAD_MS : span.fromMs === test.startMs)
  );
}
