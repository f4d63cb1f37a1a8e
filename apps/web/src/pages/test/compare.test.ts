import { expect, it } from 'vitest';
import type { ChartLine } from '../../charts/chart-line.ts';
import { absencesOf } from './absences.ts';
import { comparisonOf } from './compare.ts';

const line = (agentName: string, address: string, value: (number | null)[]): ChartLine => ({
  key: `${agentName}/${address}`,
  label: '',
  agent: 1,
  agentName,
  target: 1,
  address,
  instance: '',
  stepMs: 1000,
  at: value.map((_, place) => place),
  value,
  verdict: value.map(() => 'up'),
  absent: {},
});

it('agents are compared side by side, and what one did not measure is null, not zero', () => {
  expect(comparisonOf([line('b', 'x', [2, 4]), line('a', 'x', [1]), line('a', 'y', [null])])).toEqual({
    agents: ['a', 'b'],
    rows: [
      { target: 'x', means: [1, 3] },
      { target: 'y', means: [null, null] },
    ],
    largest: 3,
  });
});

it('absences are counted by metric and reason, most frequent first', () => {
  const results = [
    { absent: { a: 'timed_out', b: 'not_requested' } },
    { absent: { b: 'not_requested' } },
    { absent: {} },
  ] as const;
  expect(absencesOf(results)).toEqual([
    { metric: 'b', reason: 'not_requested', count: 2 },
    { metric: 'a', reason: 'timed_out', count: 1 },
  ]);
});
