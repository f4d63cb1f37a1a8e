import { dutyEnd, type KnownAgent, type PlannedTest, type Span } from './model.ts';
import { selectAgents } from './select-agents.ts';

/**
 * A new duty begins so long after it is decided, ms: by then an agent that is online has heard of it, so that both ends
 * count from the same instant.
 */
export const LEAD_MS = 500;

/**
 * A duty that has ended stays with its agent for so long, ms: the last runs begin a moment after their instant, or wait for
 * a place, and the agent's clock may be behind.
 */
export const TAIL_MS = 5000;

/** Names a span among those that are due now. */
export const spanKey = ({ agent, check, target }: Pick<Span, 'agent' | 'check' | 'target'>): string =>
  `${agent}/${check}/${target}`;

export interface PlanState {
  readonly tests: Iterable<PlannedTest>;
  readonly agents: readonly KnownAgent[];
  /** Spans that are due now or later, or were until a moment ago, by key. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly nowMs: number;
  readonly awaySinceMs: number;
}

/** All spans that should be due, by key: a span that is due already keeps its beginning. A check with a fault has none. */
export function planSpans(state: PlanState): Map<string, Span> {
  const holders = holdersByCheck(state.spans.values());
  const load = loadByAgent(state.spans.values());
  const planned = new Map<string, Span>();
  for (const test of state.tests) {
    const toMs = dutyEnd(test);
    if (toMs !== null && toMs + TAIL_MS <= state.nowMs) continue;
    const agents = selectAgents(test.selection, {
      agents: state.agents,
      holders: new Set(test.checks.flatMap(({ id }) => [...(holders.get(id) ?? [])])),
      awaySinceMs: state.awaySinceMs,
      load: (agent) => load.get(agent) ?? 0,
    });
    for (const span of spansOf(test, agents, toMs, state)) planned.set(spanKey(span), span);
  }
  return planned;
}

function* spansOf(
  test: PlannedTest,
  agents: readonly number[],
  toMs: number | null,
  { spans, nowMs }: PlanState,
): Generator<Span> {
  const freshFromMs = Math.max(test.startMs, nowMs + LEAD_MS);
  for (const agent of agents)
    for (const { id: check, intervalMs: own } of test.checks.filter(({ fault }) => fault === null))
      for (const { id: target } of test.targets) {
        const intervalMs = own ?? test.intervalMs;
        const wanted = { id: null, agent, check, target, intervalMs, fromMs: freshFromMs, toMs };
        const due = spans.get(spanKey(wanted));
        if (due !== undefined && stays(due, { test, intervalMs, toMs, nowMs })) yield { ...due, toMs };
        else if (toMs === null || freshFromMs < toMs) yield wanted;
      }
}

interface Wanted {
  readonly test: PlannedTest;
  readonly intervalMs: number;
  readonly toMs: number | null;
  readonly nowMs: number;
}

/** Whether a span goes on, or has ended just when it should: same interval, and its beginning has not been moved. */
function stays(span: Span, { test, intervalMs, toMs, nowMs }: Wanted): boolean {
  if (isOver(span, nowMs)) return span.toMs === toMs;
  return (
    (toMs === null || toMs > nowMs) &&
    span.intervalMs === intervalMs &&
    (test.startMs <= nowMs ? span.fromMs <= nowMs + LEAD_MS : span.fromMs === test.startMs)
  );
}

/** Nothing of the span is due any more. */
export const isOver = ({ toMs }: Span, nowMs: number): boolean => toMs !== null && toMs <= nowMs;

function holdersByCheck(spans: Iterable<Span>): Map<number, Set<number>> {
  const holders = new Map<number, Set<number>>();
  for (const { check, agent } of spans) {
    const agents = holders.get(check);
    if (agents === undefined) holders.set(check, new Set([agent]));
    else agents.add(agent);
  }
  return holders;
}

function loadByAgent(spans: Iterable<Span>): Map<number, number> {
  const load = new Map<number, number>();
  for (const { agent } of spans) load.set(agent, (load.get(agent) ?? 0) + 1);
  return load;
}

/** What has to change in the table of spans. */
export interface SpanChanges {
  readonly added: readonly Span[];
  /** Same span, another end. */
  readonly ended: readonly Span[];
  /** No longer due from now on. */
  readonly closed: readonly Span[];
}

export function diffSpans(due: ReadonlyMap<string, Span>, planned: ReadonlyMap<string, Span>): SpanChanges {
  const added: Span[] = [];
  const ended: Span[] = [];
  const closed: Span[] = [];
  for (const [key, span] of planned) {
    const before = due.get(key);
    if (before === undefined || span.id === null) added.push(span);
    else if (before.toMs !== span.toMs) ended.push(span);
  }
  for (const [key, span] of due) {
    const after = planned.get(key);
    if (after === undefined || after.id === null) closed.push(span);
  }
  return { added, ended, closed };
}
