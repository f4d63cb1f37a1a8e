import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, verdictsOf } from '../../conformance/frames.test-data.ts';
import type { SeriesAnswer } from '../../result-store.ts';
import { Parts, type Work } from '../parts.test-data.ts';
import { latest } from '../query/latest.ts';
import { ledger } from '../query/ledger.ts';
import { newestResults, scanPage } from '../query/results.ts';
import { seriesLines } from '../query/series.ts';
import { seriesStates, verdictCounts } from '../query/series-states.ts';
import type { Snapshot } from '../query/snapshot.ts';

const DAY_MS = 86_400_000;
const START = Math.floor(1_700_000_000_000 / DAY_MS) * DAY_MS;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-order-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ALL = { fromMs: 0, toMs: START + 10 * DAY_MS };
const WINDOW = { checks: [1], fromMs: START, toMs: START + 2 * DAY_MS };

function answersOf({ snapshot }: Parts) {
  return snapshot.read(() => ({
    ledger: ledger(snapshot, ALL),
    part: ledger(snapshot, { ...ALL, fromMs: START + 7_000_000, toMs: START + 30_000_000 }),
    latest: latest(snapshot, [1]),
    verdicts: verdictCounts(snapshot, verdictsOf([1])),
    states: seriesStates(snapshot, verdictsOf([1]), { verdict: null, after: 0, limit: 10 }),
    newest: newestResults(snapshot, { checks: [1] }, 7),
    scanned: scanPage(snapshot, { checks: [1] }, null).results,
    each: seriesLines(snapshot, { ...WINDOW, metric: 'depth_m', points: 5000 }),
    ...chartsOf(snapshot),
  }));
}

const chartsOf = (snapshot: Snapshot) => ({
  charts: [300, 40, 3].map((points) =>
    seriesLines(snapshot, { ...WINDOW, metric: 'depth_m', points, percentiles: [50] }),
  ),
});

/** Results of three series, of whole numbers, whose sums do not depend on the order of adding: fast ones, slow ones and bursts, at instants of their own, over two days. */
const anyResults = fc
  .array(
    fc.record({
      target: fc.integer({ min: 1, max: 3 }),
      burst: fc.integer({ min: 1, max: 60 }),
      spacing: fc.constantFrom(1000, 20_000, 300_000),
    }),
    {
      minLength: 3,
      maxLength: 12,
    },
  )
  .chain((bursts) =>
    fc
      .record({
        starts: fc.array(fc.integer({ min: 0, max: DAY_MS + 40_000_000 }), {
          minLength: bursts.length,
          maxLength: bursts.length,
        }),
        values: fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 10, maxLength: 10 }),
      })
      .map(({ starts, values }) =>
        bursts.flatMap(({ target, burst, spacing }, b) =>
          Array.from({ length: burst }, (_, i) => ({
            target,
            at: START + (starts[b] ?? 0) + i * spacing,
            value: values[(b + i) % 10] ?? 1,
          })),
        ),
      ),
  )
  .map((rows) =>
    rows.filter(({ target, at }, i) => rows.findIndex((row) => row.target === target && row.at === at) === i),
  )
  .map((rows) =>
    rows.map(({ target, at, value }, seq) =>
      value % 5 === 0
        ? run(seq, { target, at, metrics: {}, absent: { depth_m: 'timed_out' }, verdict: 'unknown' })
        : run(seq, { target, at, metrics: { depth_m: value } }),
    ),
  );

const anyWork: fc.Arbitrary<Work[]> = fc.array(
  fc.constantFrom<Work>('nothing', 'fold', 'fold', 'trim', 'merge', 'merge all'),
  { minLength: 1, maxLength: 4 },
);

test('any order of folds and merges answers as the results alone do', () => {
  fc.assert(
    fc.property(
      anyResults,
      fc.array(anyWork, { minLength: 20, maxLength: 20 }),
      fc.integer({ min: 5, max: 60 }),
      (all, works, size) => {
        const [plain, worked] = [Parts.make(folder, 'plain-'), Parts.make(folder, 'worked-')];
        try {
          for (let i = 0; i * size < all.length; i += 1) {
            const frame = all.slice(i * size, (i + 1) * size);
            plain.send(frame);
            worked.send(frame);
            for (const what of works[i % works.length] ?? []) worked.work(what);
          }
          const expected = answersOf(plain);
          expect(answersOf(worked)).toEqual(expected);
          for (const what of ['fold', 'merge all', 'merge all', 'merge all'] as const) worked.work(what);
          expect(answersOf(worked)).toEqual(expected);
        } finally {
          plain.close();
          worked.close();
        }
      },
    ),
    { numRuns: 15, endOnFailure: true, ...seeded() },
  );
});

test('retired after any order of folds and merges, charts of whole days stay as they were', () => {
  fc.assert(
    fc.property(anyResults, fc.array(anyWork, { minLength: 20, maxLength: 20 }), (all, works) => {
      const parts = Parts.make(folder, 'retired-');
      try {
        for (let i = 0; i * 30 < all.length; i += 1) {
          parts.send(all.slice(i * 30, (i + 1) * 30));
          for (const what of works[i % works.length] ?? []) parts.work(what);
        }
        parts.work('fold');
        const daily = () =>
          parts.snapshot.read(() => seriesLines(parts.snapshot, { ...WINDOW, metric: 'depth_m', points: 3 }));
        const stored = () =>
          parts.snapshot
            .read(() => ledger(parts.snapshot, ALL))
            .map(({ target, stored }) => [target, stored])
            .sort();
        const before = { lines: bySeries(daily()), stored: stored() };
        parts.retire(START + DAY_MS);
        expect({ lines: bySeries(daily()), stored: stored() }).toEqual(before);
        expect(parts.snapshot.read(() => scanPage(parts.snapshot, { checks: [1] }, null)).results.length).toBe(
          all.filter(({ at }) => at >= START + DAY_MS).length,
        );
        for (const what of ['merge all', 'merge all', 'merge all'] as const) parts.work(what);
        expect({ lines: bySeries(daily()), stored: stored() }).toEqual(before);
      } finally {
        parts.close();
      }
    }),
    { numRuns: 15, endOnFailure: true, ...seeded() },
  );
});

/** Daily points by series; series of a few results are charted one by one unless something is retired. */
const bySeries = ({ lines }: SeriesAnswer) =>
  lines.map(({ target, absent, at }) => ({
    target,
    absent,
    days: [...new Set(at.map((one) => Math.floor(one / DAY_MS)))],
  }));

function seeded(): { seed?: number } {
  const seed = process.env.NETSONDE_TEST_SEED;
  return seed === undefined ? {} : { seed: Number(seed) };
}
