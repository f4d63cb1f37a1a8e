import type { Result } from '@netsonde/protocol/api';
import { expect, test } from 'vitest';
import { LiveReader, MOST_RESULTS } from './reader.ts';

const result = (seq: number): Result => ({
  at: '2026-01-01T00:00:00.000Z',
  epoch: 1,
  agent: 1,
  agentName: 'a',
  test: 1,
  probe: 'icmp',
  address: '::1',
  seq,
  check: 1,
  target: 1,
  late: 0,
  took: 1,
  verdict: 'up',
  metrics: {},
  absent: {},
  stamps: { kernel: 0, process: 0 },
});

/** A sink that stalls until told to go on, as a socket with a full buffer does. */
function stallingSink() {
  const written: string[] = [];
  const state = { stalled: false, drain: () => {} };
  const sink = {
    write: (text: string) => {
      written.push(text);
      return !state.stalled;
    },
    end: () => {},
    once: (_event: 'drain', listener: () => void) => {
      state.drain = listener;
    },
  };
  return { sink, written, state };
}

const dataOf = (text: string) =>
  JSON.parse(text.slice(text.indexOf('data: ') + 6)) as { results: { seq: number }[]; omitted: number };

test('a slow reader is given the newest results, and told how many were left out', async () => {
  const { sink, written, state } = stallingSink();
  const reader = new LiveReader(sink, { test: null, agent: null });
  state.stalled = true;
  reader.addResults([result(0)], 0);
  await expect.poll(() => written.length).toBe(1);
  for (let seq = 1; seq <= 3 * MOST_RESULTS; seq += 1) reader.addResults([result(seq)], 0);
  reader.addResults([], 5);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(written).toHaveLength(1);
  state.stalled = false;
  state.drain();
  await expect.poll(() => written.length).toBe(2);
  const told = dataOf(written[1] ?? '');
  expect(told.results.map(({ seq }) => seq)).toEqual(
    Array.from({ length: MOST_RESULTS }, (_, index) => 2 * MOST_RESULTS + 1 + index),
  );
  expect(told.omitted).toBe(2 * MOST_RESULTS + 5);
  reader.close();
});
