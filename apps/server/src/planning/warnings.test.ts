import { catalog } from '@netsonde/probes/catalog';
import { expect, test } from 'vitest';
import type { KnownAgent } from './model.ts';
import { type Warned, warningsOf } from './warnings.ts';

const agent = (id: number): KnownAgent => ({
  id,
  name: `agent ${id}`,
  labels: {},
  capabilities: [],
  revoked: false,
  offlineSinceMs: null,
});

const warned: Warned = {
  state: 'running',
  selection: { by: 'any', count: 2 },
  durationMs: null,
  checks: [{ id: 1, probe: 'icmp', options: {}, intervalMs: 5000, fault: null }],
  agents: [agent(1), agent(2)],
  isOnline: () => true,
  refusal: () => undefined,
};

test('fewer agents than asked for', () => {
  expect(warningsOf(warned, catalog)).toEqual([]);
  expect(warningsOf({ ...warned, agents: [agent(1)] }, catalog)).toEqual([
    'Only 1 of the 2 agents that it asks for run this test: no more are online.',
  ]);
  expect(warningsOf({ ...warned, agents: [agent(1)], state: 'completed' }, catalog)).toEqual([]);
});

test('agents that all are not heard, although they have sessions', () => {
  expect(warningsOf({ ...warned, isOnline: (id) => id === 2 }, catalog)).toEqual([]);
  expect(warningsOf({ ...warned, isOnline: () => false }, catalog)).toEqual([
    'No assigned agent is online (agent 1, agent 2): its results come when one is back.',
  ]);
});

test('a duration in which a check may have no run', () => {
  expect(warningsOf({ ...warned, durationMs: 5500 }, catalog)).toEqual([]);
  expect(warningsOf({ ...warned, durationMs: 5000 }, catalog)).toEqual([
    'The check icmp may end without a run: the test lasts 5 s, its interval is 5 s. Choose a longer duration, or a shorter interval.',
  ]);
});
