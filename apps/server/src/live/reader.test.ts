import type { RunRecord } from '@netsonde/protocol';
import type { Result } from '@netsonde/protocol/api';
import { expect, test } from 'vitest';
import type { Origin } from '../store/result-store.ts';
import { LiveReader, MOST_RESULTS as MOST } from './reader.ts';

const origin = { agent: 1, epoch: 1 };
const record = (seq: number): RunRecord => ({
  t: 'run',
  at: 0,
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
const toResult = ({ agent, epoch }: Origin, { t: _, ...rest }: RunRecord): Result => ({
  ...rest,
  at: '2026-01-01T00:00:00.000Z',
  agent,
  epoch,
  agentName: 'a',
  test: 1,
  probe: 'icmp',
  address: '::1',
});

/** A sink that stalls until it is released, like a socket with a full buffer. */
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

test('a slow reader receives the newest results and the number of results left out', async () => {
  const { sink, written, state } = stallingSink();
  const reader = new LiveReader(sink, { test: null, agent: null }, toResult);
  state.stalled = true;
  reader.addResults(origin, [record(0)]);
  await expect.poll(() => written.length).toBe(1);
  for (let seq = 1; seq <= MOST; seq += 1) reader.addResults(origin, [record(seq)]);
  reader.addResults(
    origin,
    Array.from({ length: 2 * MOST }, (_, index) => record(MOST + 1 + index)),
  );
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(written).toHaveLength(1);
  state.stalled = false;
  state.drain();
  await expect.poll(() => written.length).toBe(2);
  const sent = dataOf(written[1] ?? '');
  expect(sent.results.map(({ seq }) => seq)).toEqual(Array.from({ length: MOST }, (_, index) => 2 * MOST + 1 + index));
  expect(sent.omitted).toBe(2 * MOST);
  reader.close();
});
