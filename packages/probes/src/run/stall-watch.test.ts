import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../contract/outcome.ts';
import { systemClock } from '../net/system-clock.ts';
import { tcp } from '../tcp/descriptor.ts';
import { StallWatch } from './stall-watch.ts';
import { withoutStalledFigures } from './stalled-figures.ts';

const now = () => performance.now();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

let leave = () => {};
afterEach(() => leave());

/** A watch that has run for a moment before the process is blocked from `fromMs` to `toMs`. */
async function blocked(ms: number, kernelTimed = false) {
  const watch = new StallWatch(systemClock);
  leave = watch.enter(kernelTimed);
  await pause(50);
  const fromMs = now();
  block(ms);
  return { watch, fromMs, toMs: now() };
}

test('a stall is found before and after the overdue tick, for each interval that it overlaps', async () => {
  const { watch, fromMs, toMs } = await blocked(400);
  expect(watch.longestMs({ fromMs, toMs })).toBeGreaterThan(350);
  await pause(50);
  expect(watch.longestMs({ fromMs, toMs })).toBeGreaterThan(350);
  expect(watch.longestMs({ fromMs: fromMs + 250, toMs: toMs + 40 })).toBeLessThan(250);
  expect(watch.longestMs({ fromMs: fromMs - 50, toMs: fromMs })).toBe(0);
  expect(watch.longestMs({ fromMs: toMs + 45, toMs: now() })).toBe(0);
});

test('a short busy moment does not count as a stall', async () => {
  const { watch, fromMs } = await blocked(40);
  const stalledMs = watch.longestMs({ fromMs, toMs: now() });
  expect(stalledMs === 0 || stalledMs >= 250).toBe(true);
});

test('a long stall is found among runs that the kernel times', async () => {
  const { watch, fromMs, toMs } = await blocked(800, true);
  expect(watch.longestMs({ fromMs, toMs })).toBeGreaterThan(500);
});

test('runs that the process times are watched closely although the kernel times others', async () => {
  const watch = new StallWatch(systemClock);
  const leaveCoarse = watch.enter(true);
  leave = watch.enter(false);
  await pause(50);
  const fromMs = now();
  block(400);
  expect(watch.longestMs({ fromMs, toMs: now() })).toBeGreaterThan(350);
  leaveCoarse();
});

describe('figures of a run of 1000 ms in which the process was stalled from 400 to 900', () => {
  const stalledMs = ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
    Math.max(0, Math.min(toMs, 900) - Math.max(fromMs, 400));
  const run = { fromMs: 0, toMs: 1000 };
  const metrics = { connect_time_ms: 3, echo_rtt_ms: 600, srtt_ms: 3, syn_retransmits: 0 };
  const outcome: Outcome = { verdict: 'up', metrics, absent: {}, stamps: { kernel: 1, process: 1 }, detail: {} };
  const kept = (timedDuring: Outcome['timedDuring']) =>
    Object.keys(
      withoutStalledFigures(tcp, { ...outcome, ...(timedDuring === undefined ? {} : { timedDuring }) }, run, stalledMs)
        .metrics,
    );

  test('stay if the kernel timed them or the stall missed their interval', () => {
    expect(kept({ connect_time_ms: [], srtt_ms: [], echo_rtt_ms: [{ fromMs: 0, toMs: 350 }] })).toEqual(
      Object.keys(metrics),
    );
  });

  test('are absent if the stall may have affected them, while counts stay', () => {
    expect(kept({ srtt_ms: [], connect_time_ms: [{ fromMs: 0, toMs: 100 }] })).toEqual([
      'connect_time_ms',
      'srtt_ms',
      'syn_retransmits',
    ]);
    const judged = withoutStalledFigures(tcp, outcome, run, stalledMs);
    expect(judged.absent).toEqual({ connect_time_ms: 'stalled', echo_rtt_ms: 'stalled', srtt_ms: 'stalled' });
    expect(judged.metrics).toEqual({ syn_retransmits: 0 });
  });
});
