import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { calmRun, type Watched, watched } from './calm-run.test-support.ts';

const standStill = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('a stall of this process is reported wherever in the run it falls', async () => {
  const atOnce = await watched(async () => standStill(150));
  const later = await watched(async () => {
    await pause(30);
    standStill(150);
  });
  for (const { stalledMs } of [atOnce, later]) expect(stalledMs).toBeGreaterThan(130);
});

test.each([
  ['the first calm run counts, and those before it do not', [300, 300, 0, 0], 'run 3'],
  ['a machine that never keeps still has its last run judged', [300, 300, 300, 300, 0], 'run 4'],
  ['a calm run is done once, whatever it yields', [0, 0], 'run 1'],
] as const)('%s', async (_, stalls, judged) => {
  const runsInOrder = stalls.map((stalledMs, place) => ({ result: `run ${place + 1}`, stalledMs }));
  let runs = 0;
  const run = async () => runsInOrder[runs++] as Watched<string>;
  expect(await calmRun(run)).toBe(judged);
});
