import type { Result, SeriesPoints } from '@netsonde/protocol/api';
import { expect, it } from 'vitest';
import { appendResults } from './live-series.ts';

const empty: SeriesPoints = { bucketMs: null, level: 'raw', retiredBeforeMs: null, capped: null, lines: [] };
const question = { check: 7, metric: 'rtt_avg_ms', fromMs: 0 };

function result(atMs: number, change: Partial<Result> = {}): Result {
  return {
    at: new Date(atMs).toISOString(),
    seq: atMs,
    epoch: 1,
    agent: 1,
    agentName: 'here',
    test: 1,
    check: 7,
    target: 3,
    probe: 'any',
    address: '192.0.2.1',
    late: 0,
    took: 1,
    verdict: 'up',
    metrics: { rtt_avg_ms: atMs / 1000 },
    absent: {},
    stamps: { kernel: 1, process: 0 },
    ...change,
  };
}

it('a live result adds a point, on a line per agent, target and instance', () => {
  const results = [
    result(1000),
    result(2000),
    result(2000, { agent: 2, agentName: 'there' }),
    result(3000, { instances: [{ key: 'eth0', metrics: { rtt_avg_ms: 9 }, absent: {} }] }),
  ];
  const { lines } = appendResults(empty, results, question);
  expect(lines.map(({ agent, instance, at, value }) => ({ agent, instance, at, value }))).toEqual([
    { agent: 1, instance: '', at: [1000, 2000, 3000], value: [1, 2, 3] },
    { agent: 2, instance: '', at: [2000], value: [2] },
    { agent: 1, instance: 'eth0', at: [3000], value: [9] },
  ]);
});

it('an absent metric stays a gap with its reason, never a number', () => {
  const failed = result(2000, { metrics: {}, absent: { rtt_avg_ms: 'timed_out' }, verdict: 'down' });
  const { lines } = appendResults(empty, [result(1000), failed], question);
  expect(lines[0]).toMatchObject({ value: [1, null], verdict: ['up', 'down'], absent: { timed_out: 1 } });
});

it('a late result is inserted at its own time, and no result counts twice', () => {
  const first = appendResults(empty, [result(1000), result(3000)], question);
  const second = appendResults(first, [result(2000), result(3000)], question);
  expect(second.lines[0]?.at).toEqual([1000, 2000, 3000]);
  expect(second.lines[0]?.value).toEqual([1, 2, 3]);
});

it('results of other checks change nothing', () => {
  const before = appendResults(empty, [result(1000)], question);
  expect(appendResults(before, [result(2000, { check: 8 })], question)).toBe(before);
});

it('points before the window are removed', () => {
  const before = appendResults(empty, [result(1000), result(2000)], question);
  const after = appendResults(before, [result(3000)], { ...question, fromMs: 1500 });
  expect(after.lines[0]?.at).toEqual([2000, 3000]);
});

it('yes and no are drawn as 1 and 0', () => {
  const { lines } = appendResults(
    empty,
    [result(1000, { metrics: { ok: true } }), result(2000, { metrics: { ok: false } })],
    { ...question, metric: 'ok' },
  );
  expect(lines[0]?.value).toEqual([1, 0]);
});
