import { expect, test } from 'vitest';
import type { Retention } from '../result-store.ts';
import { missedOf, NONE, records, run, verdictsOf } from './frames.test-data.ts';
import { bucketOf, DAY_MS, HOUR_MS, longSeries, MINUTE_MS, midnight, sendAll } from './long-series.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

const RETENTION: Retention = { raw: 10, '5min': 20, '1h': 30, '1d': 40 };

/** Retention: what is deleted when, what remains of it, and that it does not count as missing. */
export function retentionConformance(suite: Suite): void {
  const start = midnight(3);
  const window = { fromMs: start, toMs: start + 3 * DAY_MS };
  const chart = (metric: string, points: number) => suite.store.series({ checks: [1], metric, ...window, points });
  /** The instant at which a level loses what is older than the series' first day and a half. */
  const whenGone = (days: number) => start + (days + 1) * DAY_MS + HOUR_MS;

  test('results expire by whole days, charts use rollups, and the ledger still counts expired results as stored', async () => {
    await suite.reopen(RETENTION);
    const all = longSeries(start, 2880, MINUTE_MS);
    await sendAll(suite, all);
    await suite.take(records(1, [missedOf(5000, { from: start + 60, to: start + 60, reason: 'overlap' })]));
    await suite.store.compact();
    await sendAll(
      suite,
      longSeries(start + 10, 3, HOUR_MS).map((one) => ({ ...one, seq: one.seq + 9000 })),
    );
    await suite.store.retire(whenGone(10));
    const kept = all.filter(({ at }) => at >= start + DAY_MS);
    const verify = async () => {
      expect((await suite.scanAll([1])).map(({ record }) => record.seq)).toEqual(kept.map(({ seq }) => seq));
      expect(await suite.store.results({ checks: [1], toMs: start + DAY_MS }, 5)).toEqual([]);
      expect(await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([
        {
          agent: 1,
          check: 1,
          target: 1,
          stored: 2883,
          retired: 1443,
          dropped: {},
          missed: { overlap: 1 },
          refused: {},
        },
      ]);
      expect((await suite.store.ledger(window))[0]?.stored).toBe(2883);
      expect((await suite.store.ledger({ fromMs: start + DAY_MS, toMs: 4e12 }))[0]).toEqual({
        agent: 1,
        check: 1,
        target: 1,
        stored: 1440,
        dropped: {},
        refused: {},
        missed: {},
      });
      const half = await suite.store.ledger({ fromMs: 0, toMs: start + DAY_MS / 2 });
      expect(Math.abs((half[0]?.stored ?? 0) - 723)).toBeLessThanOrEqual(2);
      const answer = await chart('depth_m', 1000);
      expect([answer.level, answer.retiredBeforeMs]).toEqual(['5min', null]);
      const points = answer.lines[0]?.at.filter((at) => at >= start + 3 * HOUR_MS) ?? [];
      for (const at of points) {
        const { mean, min, max } = bucketOf(all, 'depth_m', at, at + (answer.bucketMs ?? 0));
        const place = answer.lines[0]?.at.indexOf(at) ?? -1;
        expect(answer.lines[0]?.value[place]).toBeCloseTo(mean, 9);
        expect([answer.lines[0]?.min?.[place], answer.lines[0]?.max?.[place]]).toEqual([min, max]);
      }
      expect(points.length).toBe((45 * 60) / ((answer.bucketMs ?? 0) / MINUTE_MS));
    };
    await verify();
    await suite.store.compact();
    await suite.store.retire(whenGone(10));
    await verify();
    await suite.reopen(RETENTION);
    await verify();
  });

  test('each level has its own retention, and a chart reports from when on results are expired', async () => {
    await suite.reopen(RETENTION);
    await sendAll(suite, longSeries(start, 4320, MINUTE_MS));
    await suite.store.compact();
    for (const [days, level, retiredBeforeMs] of [
      [20, '1h', null],
      [30, '1d', null],
      [40, '1d', start + DAY_MS],
    ] as const) {
      await suite.store.retire(whenGone(days));
      const answer = await chart('depth_m', 1000);
      expect([answer.level, answer.retiredBeforeMs]).toEqual([level, retiredBeforeMs]);
      expect(answer.lines[0]?.at[0]).toBe(retiredBeforeMs ?? start);
    }
  });

  test('for runs far apart, a coarser level replaces the skipped finer ones', async () => {
    await suite.reopen(RETENTION);
    await sendAll(suite, longSeries(start, 72 * 6, 10 * MINUTE_MS));
    await suite.store.compact();
    await suite.store.retire(whenGone(10));
    const answer = await chart('depth_m', 1000);
    expect(answer.level).toBe('5min');
    expect(answer.lines[0]?.level).toBe('1h');
    expect(answer.lines[0]?.at.filter((at) => at < start + DAY_MS)).toEqual(
      Array.from({ length: 24 }, (_, hour) => start + hour * HOUR_MS),
    );
    expect(answer.lines[0]?.at.filter((at) => at >= start + DAY_MS)).toHaveLength(48 * 6);
  });

  test('results that arrive after their retention are counted and deleted', async () => {
    await suite.reopen(RETENTION);
    await suite.store.retire(whenGone(10));
    const report = await suite.take(records(1, [run(0, { at: start + 5 }), run(1, { at: start + DAY_MS })]));
    expect(report.stored).toEqual([[0, 1]]);
    for (let again = 0; again < 2; again += 1) {
      expect((await suite.scanAll()).map(({ record }) => record.seq)).toEqual([1]);
      expect(await suite.store.ledger(window)).toEqual([
        { agent: 1, check: 1, target: 1, stored: 2, retired: 1, dropped: {}, missed: {}, refused: {} },
      ]);
      const answer = await chart('depth_m', 1000);
      expect([answer.level, answer.retiredBeforeMs]).toEqual(['5min', null]);
      expect(answer.lines[0]?.at).toEqual([start, start + DAY_MS]);
      const ups = await suite.store.series({ checks: [1], metric: 'depth_m', ...window, points: 1000, verdict: 'up' });
      expect([ups.retiredBeforeMs, ups.lines[0]?.at]).toEqual([start + DAY_MS, [start + DAY_MS]]);
      const empty = { fromMs: start + HOUR_MS, toMs: start + 2 * DAY_MS };
      const after = await suite.store.series({ checks: [1], metric: 'depth_m', ...empty, points: 1000 });
      expect([after.level, after.retiredBeforeMs]).toEqual(['raw', null]);
      await suite.store.compact();
      await suite.store.retire(whenGone(10));
    }
  });

  test('a series whose last result is expired has no newest result', async () => {
    await suite.reopen(RETENTION);
    await suite.take(records(1, [run(0, { at: start }), run(1, { at: start + DAY_MS, target: 2 })]));
    await suite.store.compact();
    await suite.store.retire(whenGone(10));
    expect((await suite.store.latest()).map(({ record }) => record.seq)).toEqual([1]);
    expect(await suite.store.verdictCounts(verdictsOf([1]))).toEqual({ ...NONE, up: 1 });
  });

  test('a detail is deleted with the last result that has it', async () => {
    await suite.reopen(RETENTION);
    const [old, shared] = [{ detail: { only: 'old' } }, { detail: { in: 'both' } }];
    await suite.take(
      records(1, [
        run(0, { at: start, ...old }),
        run(1, { at: start, ...shared }),
        run(2, { at: start + DAY_MS, ...shared }),
      ]),
    );
    await suite.store.compact();
    await suite.store.retire(whenGone(10));
    expect((await suite.scanAll()).map(({ record }) => record.detail)).toEqual([{ in: 'both' }]);
  });
}
