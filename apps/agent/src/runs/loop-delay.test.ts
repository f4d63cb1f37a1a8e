import { StallWatch, systemClock } from '@netsonde/probes/runtime';
import { expect, test } from 'vitest';
import { LoopDelay } from './loop-delay.ts';

const watch = new StallWatch(systemClock);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('the delay is null where no run was under way, never zero', async () => {
  const sampled = new LoopDelay(systemClock.monotonicMs, watch);
  expect(sampled.takeP99Ms()).toBeNull();
  const leave = watch.enter(false);
  await pause(120);
  leave();
  expect(sampled.takeP99Ms()).toBeGreaterThanOrEqual(0);
  await pause(60);
  sampled.takeP99Ms();
  await pause(60);
  expect(sampled.takeP99Ms()).toBeNull();
  sampled.stop();
});

test('a busy event loop shows in the p99 and in the worst delay', async () => {
  const sampled = new LoopDelay(systemClock.monotonicMs, watch);
  const leave = watch.enter(false);
  await pause(60);
  const from = performance.now();
  while (performance.now() - from < 80);
  await pause(60);
  leave();
  expect(sampled.takeP99Ms()).toBeGreaterThan(40);
  expect(sampled.worstMs(from, performance.now())).toBeGreaterThan(40);
  sampled.stop();
});

test('samples from another timer postpone the watch and hide no delay', async () => {
  const sampled = new LoopDelay(systemClock.monotonicMs, watch);
  const leave = watch.enter(false);
  const other = setInterval(() => sampled.note(0), 5);
  await pause(60);
  const from = performance.now();
  while (performance.now() - from < 80);
  clearInterval(other);
  const worstMs = sampled.worstMs(from, performance.now());
  leave();
  expect(worstMs).toBeGreaterThan(40);
  sampled.stop();
});
