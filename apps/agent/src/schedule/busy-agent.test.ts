import { expect, test } from 'vitest';
import { WallWatch } from './wall-watch.ts';

/** Clocks of a host on which time passes, and of which the process uses a share. */
function clocks() {
  const state = { wall: 1_000_000, monotonic: 5000, cpu: 100 };
  const watch = new WallWatch({
    wallMs: () => state.wall,
    monotonicMs: () => state.monotonic,
    uptimeMs: () => state.monotonic,
    cpuMs: () => state.cpu,
  });
  return {
    watch,
    pass(ms: number, share: number) {
      state.wall += ms;
      state.monotonic += ms;
      state.cpu += ms * share;
    },
  };
}

test('an agent that was busy for 10 s was not off', () => {
  const { watch, pass } = clocks();
  pass(10_000, 0.95);
  expect(watch.read()).toMatchObject({ wasOff: false, steppedMs: 0 });
});

test('an agent that was stopped for 10 s was off, also after a busy second', () => {
  const { watch, pass } = clocks();
  pass(1000, 1);
  watch.read();
  pass(10_000, 0.01);
  expect(watch.read().wasOff).toBe(true);
});
