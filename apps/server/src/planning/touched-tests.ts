import type { SpanIndex } from '../plan/span-index.ts';
import { dutyEnded, type KnownAgent, type PlannedTest } from './model.ts';
import { carries } from './select-agents.ts';

/** State that the decision depends on, besides the agent and the tests. */
export interface Situation {
  readonly agents: ReadonlyMap<number, KnownAgent>;
  readonly due: SpanIndex;
  readonly nowMs: number;
  /** An agent counts as away if it lost its session at or before this instant; epoch ms. */
  readonly awaySinceMs: number;
}

/**
 * Tests whose selection of agents may differ after a change of one agent. Its name and its capabilities do not matter.
 * Tests that have ended are left out.
 * An agent that loses its session is replaced only once it counts as away: see `testsWithout`.
 */
export function* testsTouchedBy(
  before: KnownAgent | undefined,
  after: KnownAgent,
  tests: Iterable<PlannedTest>,
  situation: Situation,
): Generator<PlannedTest> {
  const isNew = before === undefined || before.revoked !== after.revoked;
  const cameOnline = after.offlineSinceMs === null && (isNew || before.offlineSinceMs !== null);
  const relabelled = !isNew && !sameLabels(before, after);
  if (!isNew && !cameOnline && !relabelled) return;
  for (const test of tests) if (concerns(test)) yield test;

  function concerns(test: PlannedTest): boolean {
    if (dutyEnded(test, situation.nowMs) !== null) return false;
    const { selection } = test;
    switch (selection.by) {
      case 'chosen':
        return isNew && selection.agents.includes(after.id);
      case 'labels': {
        const matches = carries(after.labels, selection.labels);
        const matched = before !== undefined && carries(before.labels, selection.labels);
        return isNew ? matches || matched : matches !== matched;
      }
      case 'any':
        return isNew ? after.revoked || lacksHolders(test, situation) : cameOnline && lacksHolders(test, situation);
    }
  }
}

/** Tests that may replace one of these agents, which count as away now. */
export function* testsWithout(
  away: ReadonlySet<number>,
  tests: Iterable<PlannedTest>,
  { due }: Pick<Situation, 'due'>,
): Generator<number> {
  if (away.size === 0) return;
  for (const test of tests)
    if (test.selection.by === 'any' && holdersOf(test, due).some((agent) => away.has(agent))) yield test.id;
}

/** Agents that a test is assigned to now. */
export function holdersOf(test: PlannedTest, due: SpanIndex): readonly number[] {
  const holders = new Set<number>();
  for (const { id } of test.checks) for (const agent of due.agentsOf(id).keys()) holders.add(agent);
  return [...holders];
}

/** Whether fewer agents run a test than its selection asks for. Agents that are away do not count. */
function lacksHolders(test: PlannedTest, { agents, due, awaySinceMs }: Situation): boolean {
  if (test.selection.by !== 'any') return false;
  const present = holdersOf(test, due).filter((id) => {
    const agent = agents.get(id);
    if (agent === undefined || agent.revoked) return false;
    return agent.offlineSinceMs === null || agent.offlineSinceMs > awaySinceMs;
  });
  return present.length < test.selection.count;
}

function sameLabels({ labels: a }: KnownAgent, { labels: b }: KnownAgent): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
