import { expect, test } from 'vitest';
import { FINDING, records, run } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

/** Lines for charts from results. */
export function chartConformance(suite: Suite): void {
  test('charts show single results if there are few, and buckets of mean, min and max if there are many', async () => {
    const sent = Array.from({ length: 200 }, (_, seq) =>
      seq % 10 === 9
        ? run(seq, { metrics: {}, absent: { depth_m: 'timed_out' }, verdict: 'down', finding: FINDING })
        : run(seq, { metrics: { depth_m: seq / 8 } }),
    );
    await suite.take(records(1, sent.slice(0, 120)));
    await suite.store.compact();
    await suite.take(records(1, sent.slice(120)));
    const first = sent[0]?.at ?? 0;
    const window = { checks: [1], metric: 'depth_m', fromMs: first + 10_000, toMs: first + 190_000 };
    const inWindow = sent.slice(10, 190);
    await suite.inEachLife(async () => {
      const raw = await suite.store.series({ ...window, points: 500 });
      expect(raw.bucketMs).toBeNull();
      expect(raw.lines).toHaveLength(1);
      expect(raw.lines[0]).toMatchObject({
        at: inWindow.map(({ at }) => at),
        value: inWindow.map(({ metrics }) => metrics.depth_m ?? null),
        verdict: inWindow.map(({ verdict }) => verdict),
        absent: { timed_out: 18 },
        instance: '',
      });
      const wide = await suite.store.series({ ...window, points: 12 });
      const width = wide.bucketMs ?? 0;
      const line = wide.lines[0];
      expect(line?.at.length).toBeLessThanOrEqual(12);
      line?.at.forEach((start, i) => {
        const inside = inWindow.filter(({ at }) => at >= start && at < start + width);
        const values = inside.flatMap(({ metrics }) => (typeof metrics.depth_m === 'number' ? [metrics.depth_m] : []));
        expect(line.value[i]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9);
        expect(line.min?.[i]).toBe(Math.min(...values));
        expect(line.max?.[i]).toBe(Math.max(...values));
        expect(line.verdict[i]).toBe(inside.some(({ verdict }) => verdict === 'down') ? 'down' : 'up');
      });
      expect(line?.absent).toEqual({ timed_out: 18 });
    });
  });

  test('charts show a line per instance and booleans as 0 and 1', async () => {
    const instances = [
      { key: 'port', metrics: { angle: 10.25 }, absent: {} },
      { key: 'starboard', metrics: {}, absent: { angle: 'no_device' as const } },
    ];
    await suite.take(
      records(1, [run(0, { metrics: { clear: true }, instances }), run(1, { metrics: { clear: false }, instances })]),
    );
    const window = { checks: [1], fromMs: 0, toMs: 4e12, points: 100 };
    await suite.inEachLife(async () => {
      const { lines } = await suite.store.series({ ...window, metric: 'angle' });
      expect(lines.map(({ instance, value, absent }) => [instance, value, absent])).toEqual([
        ['port', [10.25, 10.25], {}],
        ['starboard', [null, null], { no_device: 2 }],
      ]);
      expect((await suite.store.series({ ...window, metric: 'clear' })).lines[0]?.value).toEqual([1, 0]);
      expect((await suite.store.series({ ...window, metric: 'no_such' })).lines).toEqual([]);
    });
  });
}
