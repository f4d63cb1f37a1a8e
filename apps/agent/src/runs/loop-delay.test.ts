import { afterEach, expect, test } from 'vitest';
import { LoopDelay } from './loop-delay.ts';

const delay = new LoopDelay(() => performance.now());
afterEach(() => delay.stop());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('is not known where no run was under way, and is never made up as zero', async () => {
  expect(delay.takeP99Ms()).toBeNull();
  delay.enter();
  await pause(120);
  delay.leave();
  expect(delay.takeP99Ms()).toBeGreaterThanOrEqual(0);
  expect(delay.takeP99Ms()).toBeNull();
});

test('tells how long the event loop stood still', async () => {
  delay.enter();
  await pause(60);
  const from = performance.now();
  while (performance.now() - from < 80);
  await pause(60);
  delay.leave();
  expect(delay.takeP99Ms()).toBeGreaterThan(40);
  expect(delay.worstMs(from, performance.now())).toBeGreaterThan(40);
});

test('is told by other timers too, whose word puts the own sample off and hides nothing', async () => {
  delay.enter();
  const other = setInterval(() => delay.note(0), 5);
  await pause(60);
  const from = performance.now();
  while (performance.now() - from < 80);
  clearInterval(other);
  const worstMs = delay.worstMs(from, performance.now());
  delay.leave();
  expect(worstMs).toBeGreaterThan(40);
});
