import { expect, test } from 'vitest';
import type { KnownAgent } from './model.ts';
import { selectAgents } from './select-agents.ts';

const agent = (id: number, more: Partial<KnownAgent> = {}): KnownAgent => ({
  id,
  name: `a${id}`,
  labels: {},
  capabilities: [],
  revoked: false,
  offlineSinceMs: null,
  ...more,
});

const byId = (...agents: readonly KnownAgent[]) => new Map(agents.map((one) => [one.id, one]));
const none = { holders: new Set<number>(), awaySinceMs: 0, load: () => 0 };

test('agents selected by name or label match whether online or not, and revoked ones never match', () => {
  const agents = byId(
    agent(1, { offlineSinceMs: 1 }),
    agent(2, { revoked: true }),
    agent(3, { labels: { site: 'a', floor: '1' } }),
  );
  expect(selectAgents({ by: 'chosen', agents: [1, 2, 9] }, { ...none, agents })).toEqual([1]);
  expect(selectAgents({ by: 'labels', labels: { site: 'a' } }, { ...none, agents })).toEqual([3]);
  expect(selectAgents({ by: 'labels', labels: {} }, { ...none, agents })).toEqual([1, 3]);
});

test('any N selects the least loaded online agents', () => {
  const agents = byId(agent(1), agent(2), agent(3), agent(4, { offlineSinceMs: 5 }));
  const load = (id: number) => (id === 1 ? 10 : 0);
  expect(selectAgents({ by: 'any', count: 2 }, { ...none, agents, load })).toEqual([2, 3]);
  expect(selectAgents({ by: 'any', count: 9 }, { ...none, agents, load })).toEqual([2, 3, 1]);
});

test('a selected agent stays until it counts as away, and is then replaced if another agent is online', () => {
  const holders = new Set([3]);
  const gone = (offlineSinceMs: number | null) => byId(agent(1), agent(3, { offlineSinceMs }));
  const ask = (agents: ReadonlyMap<number, KnownAgent>) =>
    selectAgents({ by: 'any', count: 1 }, { ...none, agents, holders, awaySinceMs: 100 });
  expect(ask(gone(null))).toEqual([3]);
  expect(ask(gone(101))).toEqual([3]);
  expect(ask(gone(100))).toEqual([1]);
  expect(ask(byId(agent(3, { offlineSinceMs: 1 })))).toEqual([3]);
});
