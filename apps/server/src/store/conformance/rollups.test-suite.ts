import type { RunRecord } from '@netsonde/protocol';
import { expect, test } from 'vitest';
import type { SeriesAnswer } from '../result-store.ts';
import { bucketOf, DAY_MS, HOUR_MS, longSeries, MINUTE_MS, midnight, sendAll } from './long-series.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

/** The stated error of a quantile sketch. */
const SKETCH_ERROR = 0.01;

/**
 * Asserts that each bucket of an answer matches its results, and that every result is in a bucket. The verdict of a
 * bucket of observations is that of the runs that have any, or of all runs, depending on the level.
 */
function expectWhatResultsGive(answer: SeriesAnswer, all: readonly RunRecord[], metric: string): void {
  const width = answer.bucketMs ?? 0;
  const [line] = answer.lines;
  let found = 0;
  line?.at.forEach((start, i) => {
    const { inside, mean, min, max, percentile } = bucketOf(all, metric, start, start + width);
    found += inside.length;
    expect(line.value[i]).toBeCloseTo(mean, 9);
    expect([line.min?.[i], line.max?.[i]]).toEqual([min, max]);
    if (!metric.endsWith('[]'))
      expect(line.verdict[i]).toBe(inside.some(({ verdict }) => verdict === 'down') ? 'down' : 'up');
    for (const { percentile: asked, value } of line.percentiles ?? []) {
      const exact = percentile(asked);
      expect(Math.abs((value[i] ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * SKETCH_ERROR + 1e-9);
    }
  });
  expect(found).toBe(all.length);
}

/** Long charts from rollups. */
export function rollupConformance(suite: Suite): void {
  const start = midnight(3);
  const ask = (metric: string, points: number, more = {}) =>
    suite.store.series({
      checks: [1],
      metric,
      fromMs: start,
      toMs: start + 2 * DAY_MS,
      points,
      percentiles: [5, 50, 95],
      ...more,
    });

  test('a chart uses the coarsest level that is fine enough, reports it, and matches the results', async () => {
    const all = longSeries(start, 2880, MINUTE_MS);
    await sendAll(suite, all.slice(0, 1000));
    await suite.store.compact();
    await sendAll(suite, all.slice(1000, 2000));
    await suite.store.compact();
    await sendAll(suite, all.slice(2000));
    await suite.inEachLife(async () => {
      for (const metric of ['depth_m', 'echo_m[]']) {
        for (const [points, level, bucketMs] of [
          [1440, 'raw', 120_084],
          [300, '5min', 10 * MINUTE_MS],
          [30, '1h', 2 * HOUR_MS],
          [3, '1d', DAY_MS],
        ] as const) {
          const answer = await ask(metric, points);
          expect([answer.level, answer.bucketMs, answer.retiredBeforeMs]).toEqual([level, bucketMs, null]);
          expectWhatResultsGive(answer, all, metric);
          expect(answer.lines[0]?.absent).toEqual(metric === 'depth_m' ? { timed_out: 411 } : {});
        }
      }
      expect((await ask('clear', 30)).lines[0]?.max?.every((value) => value === 1)).toBe(true);
      expect((await ask('pings', 30)).lines[0]?.value.every((value) => value === 2)).toBe(true);
    });
  });

  test('a query for one verdict is answered from the results', async () => {
    const all = longSeries(start, 2880, MINUTE_MS);
    await sendAll(suite, all);
    await suite.inEachLife(async () => {
      const answer = await ask('depth_m', 30, { verdict: 'up' });
      expect(answer.level).toBe('raw');
      expect(answer.lines[0]?.absent).toEqual({});
      expect(new Set(answer.lines[0]?.verdict)).toEqual(new Set(['up']));
    });
  });

  test('each late result is in the rollups once', async () => {
    const all = longSeries(start, 2880, MINUTE_MS);
    const late = all.filter(({ seq }) => seq % 5 === 3 || (seq > 700 && seq < 900));
    await sendAll(
      suite,
      all.filter((record) => !late.includes(record)),
    );
    await suite.store.compact();
    await suite.store.compact();
    await sendAll(suite, late.toReversed());
    await suite.inEachLife(async () => {
      for (const points of [300, 30, 3]) expectWhatResultsGive(await ask('depth_m', points), all, 'depth_m');
    });
  });

  test('instances have their own rollups', async () => {
    const instances = [
      { key: 'port', metrics: { angle: 10.25 }, absent: {} },
      { key: 'starboard', metrics: {}, absent: { angle: 'no_device' as const } },
    ];
    await sendAll(suite, longSeries(start, 1440, MINUTE_MS, { instances }));
    await suite.store.compact();
    await sendAll(
      suite,
      longSeries(start + DAY_MS, 1440, MINUTE_MS, { instances }).map((one) => ({ ...one, seq: one.seq + 1440 })),
    );
    await suite.inEachLife(async () => {
      const { level, lines } = await ask('angle', 3);
      expect(level).toBe('1d');
      expect(lines.map(({ instance, at, value, absent }) => [instance, at.length, value, absent])).toEqual([
        ['port', 2, [10.25, 10.25], {}],
        ['starboard', 2, [null, null], { no_device: 2880 }],
      ]);
    });
  });

  test('a chart with too many series is cut, and the answer reports it', async () => {
    const all = Array.from({ length: 600 }, (_, seq) => ({ ...longSeries(start, 1, 1)[0], seq, target: seq + 1 }));
    await sendAll(suite, all as RunRecord[]);
    await suite.inEachLife(async () => {
      const answer = await ask('depth_m', 5000);
      expect(answer.lines.length).toBeLessThan(600);
      expect(answer.capped).toEqual({ series: 600, lines: answer.lines.length, points: expect.any(Number) });
      expect((await ask('depth_m', 100, { target: 7 })).capped).toBeNull();
    });
  });
}
