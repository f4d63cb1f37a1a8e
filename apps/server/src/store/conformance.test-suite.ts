import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog, MetricDescriptor } from '@netsonde/probes/catalog';
import { declareProbe } from '@netsonde/probes/catalog';
import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { anyRun } from './records.test-data.ts';
import type { IntakeReport, ResultStore, StoredResult } from './result-store.ts';

/** How a suite opens the engine under test on a folder of its own. */
export type OpenStore = (folder: string, catalog: Catalog) => Promise<ResultStore>;

const metric = (id: string, kind: MetricDescriptor['kind']): MetricDescriptor => ({
  id,
  label: id,
  description: `${id} of the suite's probe`,
  kind,
  unit: null,
  better: 'neither',
  aggregate: 'mean',
  source: 'the suite',
});

/** A probe that exists in this suite only. */
export const SUITE_CATALOG: Catalog = {
  sonar: declareProbe({
    id: 'sonar',
    label: 'Sonar',
    summary: 'A probe of the store suite.',
    target: { form: 'host' },
    options: z.object({}),
    metrics: [
      metric('depth_m', 'float'),
      metric('pings', 'integer'),
      metric('clear', 'boolean'),
      metric('note', 'text'),
    ],
    samples: [],
    instance: { label: 'beam', metrics: [metric('angle', 'float')] },
    needs: [],
    cost: () => ({ packets: 1, bytes: 1, seconds: 1 }),
  }),
};

export const records = (epoch: number, items: readonly unknown[], kind: 'live' | 'backlog' = 'live'): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'records', kind, epoch, items }));

const drops = (epoch: number, list: readonly Drop[]): Uint8Array =>
  Buffer.from(JSON.stringify({ type: 'drops', epoch, drops: list }));

export const run = (seq: number, more: Partial<RunRecord> = {}): RunRecord => ({
  t: 'run',
  seq,
  check: 1,
  target: 1,
  at: 1_700_000_000_000 + seq * 1000,
  late: 0.25,
  took: 12.5,
  verdict: 'up',
  metrics: { depth_m: seq + 0.5 },
  absent: {},
  stamps: { kernel: 1, process: 0 },
  ...more,
});

const byPlace = (a: StoredResult, b: StoredResult): number =>
  a.record.at - b.record.at || a.agent - b.agent || a.epoch - b.epoch || a.record.seq - b.record.seq;

async function scanAll(store: ResultStore, checks: readonly number[] = [1, 2, 3]): Promise<StoredResult[]> {
  const all: StoredResult[] = [];
  for await (const page of store.scan({ checks })) {
    for (let i = 1; i < page.length; i += 1)
      expect(page[i]?.record.at).toBeGreaterThanOrEqual(page[i - 1]?.record.at ?? 0);
    expect(page[0]?.record.at ?? 0).toBeGreaterThanOrEqual(all.at(-1)?.record.at ?? 0);
    all.push(...page);
  }
  return all;
}

/** What every result store must do. Run it from a suite file of each engine. */
export function resultStoreConformance(name: string, open: OpenStore): void {
  describe(`${name} as a result store`, () => {
    let folder: string;
    let store: ResultStore;
    const take = (frame: Uint8Array, agent = 1, epoch = 1): Promise<IntakeReport> =>
      store.ingest({ origin: { agent, epoch }, frame, receivedMs: Date.now() });
    const reopen = async () => {
      await store.close();
      store = await open(folder, SUITE_CATALOG);
    };
    /** A stored result must be found in all three lives: just taken in, folded, and after a restart. */
    const inEachLife = async (look: () => Promise<void>) => {
      await look();
      await store.compact();
      await look();
      await reopen();
      await look();
    };

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'netsonde-store-'));
      store = await open(folder, SUITE_CATALOG);
      await store.setChecks([1, 2, 3].map((check) => ({ check, probe: 'sonar' })));
    });
    afterEach(async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('gives back any result exactly as it was sent', async () => {
      const sent = fc
        .sample(
          anyRun(1, 2).filter((record) => kindsFit(record)),
          120,
        )
        .map((record, seq) => ({ ...record, seq }));
      for (let i = 0; i < sent.length; i += 20) {
        const report = await take(records(1, sent.slice(i, i + 20)));
        expect(report.refused).toEqual([]);
        expect(report.results).toEqual(sent.slice(i, i + 20));
      }
      const expected = sent.map((record) => ({ agent: 1, epoch: 1, record })).sort(byPlace);
      await inEachLife(async () => expect((await scanAll(store)).sort(byPlace)).toEqual(expected));
    });

    test('keeps metrics that no probe declares, and refuses values of another kind than declared', async () => {
      const report = await take(
        records(1, [
          run(0, { metrics: { depth_m: 1, brand_new_ms: 0.1 + 0.2 } }),
          run(1, { metrics: { depth_m: 'deep' } }),
          run(2, { metrics: { pings: 1.5 } }),
          run(3, { metrics: { clear: 1 } }),
        ]),
      );
      expect(report.stored).toEqual([[0, 0]]);
      expect(report.refused.map(({ seq, reason }) => [seq, reason.split(':')[0]])).toEqual([
        [1, 'metrics.depth_m'],
        [2, 'metrics.pings'],
        [3, 'metrics.clear'],
      ]);
      await inEachLife(async () =>
        expect((await scanAll(store)).map(({ record }) => record.metrics)).toEqual([
          { depth_m: 1, brand_new_ms: 0.1 + 0.2 },
        ]),
      );
    });

    test('stores a record once, however often and in whatever order it comes', async () => {
      const all = Array.from({ length: 30 }, (_, seq) => run(seq));
      const shuffled = fc.sample(fc.shuffledSubarray([...all, ...all, ...all], { minLength: 90 }), 1)[0] ?? [];
      const fresh: number[] = [];
      for (let i = 0; i < shuffled.length; i += 7) {
        const part = shuffled.slice(i, i + 7);
        const report = await take(records(1, part));
        for (const { seq } of part) expect(report.stored.some(([from, to]) => from <= seq && seq <= to)).toBe(true);
        expect(report.resultCount).toBe(report.results.length);
        fresh.push(...report.results.map(({ seq }) => seq));
        if (i === 42) await store.compact();
        if (i === 70) await reopen();
      }
      expect(fresh.sort((a, b) => a - b)).toEqual(all.map(({ seq }) => seq));
      expect((await scanAll(store)).map(({ record }) => record.seq)).toEqual(all.map(({ seq }) => seq));
      expect(await store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 29]] }]);
      expect((await store.ledger({ fromMs: 0, toMs: 4e12 }))[0]?.stored).toBe(30);
    });

    test('tells agents, epochs and series apart', async () => {
      await take(records(1, [run(0)]), 1, 1);
      await take(records(2, [run(0)]), 1, 2);
      await take(records(1, [run(0, { target: 7 })]), 2, 1);
      expect(await store.received(1)).toEqual([
        { epoch: 1, ranges: [[0, 0]] },
        { epoch: 2, ranges: [[0, 0]] },
      ]);
      await inEachLife(async () => {
        expect(await scanAll(store)).toHaveLength(3);
        expect(await store.results({ checks: [1], agent: 2 }, 10)).toEqual([
          { agent: 2, epoch: 1, record: run(0, { target: 7 }) },
        ]);
        expect(await store.results({ checks: [1], target: 1 }, 10)).toHaveLength(2);
        expect((await store.latest()).map(({ agent }) => agent).sort()).toEqual([1, 2]);
      });
    });

    test('takes calls made together', async () => {
      const reports = await Promise.all(Array.from({ length: 40 }, (_, i) => take(records(1, [run(i)]), 1 + (i % 4))));
      expect(reports.every(({ resultCount }) => resultCount === 1)).toBe(true);
      expect(await scanAll(store)).toHaveLength(40);
      expect(await store.storedSince(Date.now() - 60_000)).toBe(40);
    });

    test('a malformed frame stores nothing and says why', async () => {
      const cases: [Uint8Array, RegExp][] = [
        [Buffer.from('{"type":"records","epo'), /JSON/],
        [Buffer.from('[1]'), /frame/],
        [records(2, [run(0)]), /epoch/],
        [records(1, []), /items/],
        [records(1, [run(0), { ...run(1), seq: -1 }]), /items\.1\.seq/],
        [records(1, [run(0), 7]), /items\.1/],
        [Buffer.from(JSON.stringify({ type: 'records', kind: 'new', epoch: 1, items: [run(0)] })), /kind/],
        [drops(1, [{ fromSeq: 5, toSeq: 1, reason: 'torn', runs: [], count: 0 }]), /drops\.0\.toSeq/],
        [Buffer.from([0xff, 0xfe, 0x00]), /JSON/],
      ];
      for (const [frame, reason] of cases) {
        const report = await take(frame);
        expect(report.malformed).toMatch(reason);
        expect(report.stored).toEqual([]);
      }
      expect(await store.received(1)).toEqual([]);
      expect(await scanAll(store)).toEqual([]);
    });

    test('a record that can never be stored is refused with its field, counts as received, and is not asked for again', async () => {
      const report = await take(
        records(1, [run(0), run(1, { check: 99 }), { ...run(2), colour: 'red' }, { ...run(3), at: -1 }, run(4)]),
      );
      expect(report.stored).toEqual([
        [0, 0],
        [4, 4],
      ]);
      expect(report.refused.map(({ seq, reason }) => [seq, reason.split(':')[0]])).toEqual([
        [1, 'check'],
        [2, 'colour'],
        [3, 'at'],
      ]);
      expect(await store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 4]] }]);
      const again = await take(records(1, [run(1, { check: 99 })]));
      expect(again).toMatchObject({ stored: [[1, 1]], refused: [], resultCount: 0 });
    });

    test('knows its checks after a restart, and refuses results of a check that is gone', async () => {
      await take(records(1, [run(0)]));
      await store.setChecks([{ check: 2, probe: 'sonar' }]);
      await reopen();
      const report = await take(records(1, [run(1), run(2, { check: 2 })]));
      expect(report.refused.map(({ seq }) => seq)).toEqual([1]);
      expect(await scanAll(store)).toHaveLength(2);
    });

    test('forgets the results of a check, in the log and in blocks, and nothing else', async () => {
      await take(records(1, [run(0), run(1, { check: 2 })]));
      await store.compact();
      await take(records(1, [run(2), run(3, { check: 2 }), missedOf(4, { check: 1 })]));
      await store.forget([1]);
      await inEachLife(async () => {
        expect((await scanAll(store)).map(({ record }) => record.seq)).toEqual([1, 3]);
        expect((await store.ledger({ fromMs: 0, toMs: 4e12 })).map(({ check, stored }) => [check, stored])).toEqual([
          [2, 2],
        ]);
        expect(await store.verdictCounts([1, 2])).toEqual({ up: 1, degraded: 0, down: 0, unknown: 0 });
      });
      await take(records(1, [run(5)]));
      expect((await scanAll(store, [1])).map(({ record }) => record.seq)).toEqual([5]);
    });

    test('late results land in their own time, and the newest by time stays the newest', async () => {
      await take(records(1, [run(10, { at: 10_000_000, verdict: 'down', finding: FINDING })]));
      await store.compact();
      await take(records(1, [run(3, { at: 3_000_000 }), run(4, { at: 4_000_000 })], 'backlog'));
      await inEachLife(async () => {
        expect((await scanAll(store)).map(({ record }) => record.seq)).toEqual([3, 4, 10]);
        expect((await store.latest([1])).map(({ record }) => record.seq)).toEqual([10]);
        expect(await store.verdictCounts([1])).toEqual({ up: 0, degraded: 0, down: 1, unknown: 0 });
        expect((await store.results({ checks: [1] }, 2)).map(({ record }) => record.seq)).toEqual([10, 4]);
        expect((await store.results({ checks: [1], toMs: 4_000_000 }, 9)).map(({ record }) => record.seq)).toEqual([3]);
        expect((await store.results({ checks: [1], verdict: 'down' }, 9)).map(({ record }) => record.seq)).toEqual([
          10,
        ]);
      });
    });

    test('details are given back with each result, changed or not, and logs of failed runs are kept', async () => {
      const details = [
        { a: 1 },
        { a: 1 },
        {},
        { certificate: 'x'.repeat(3000), list: [1, null, { deep: true }] },
        undefined,
      ];
      const sent = details.map((detail, seq) =>
        run(seq, {
          ...(detail === undefined ? {} : { detail }),
          verdict: 'unknown',
          finding: FINDING,
          log: [`line ${seq}`, 'déjà vu'],
        }),
      );
      await take(records(1, sent));
      await inEachLife(async () => expect((await scanAll(store)).map(({ record }) => record)).toEqual(sent));
    });

    test('charts: each result where they are few, buckets of mean, min and max where they are many', async () => {
      const sent = Array.from({ length: 200 }, (_, seq) =>
        seq % 10 === 9
          ? run(seq, { metrics: {}, absent: { depth_m: 'timed_out' }, verdict: 'down', finding: FINDING })
          : run(seq, { metrics: { depth_m: seq / 8 } }),
      );
      await take(records(1, sent.slice(0, 120)));
      await store.compact();
      await take(records(1, sent.slice(120)));
      const first = sent[0]?.at ?? 0;
      const window = { checks: [1], metric: 'depth_m', fromMs: first + 10_000, toMs: first + 190_000 };
      const inWindow = sent.slice(10, 190);
      await inEachLife(async () => {
        const raw = await store.series({ ...window, points: 500 });
        expect(raw.bucketMs).toBeNull();
        expect(raw.lines).toHaveLength(1);
        expect(raw.lines[0]).toMatchObject({
          at: inWindow.map(({ at }) => at),
          value: inWindow.map(({ metrics }) => metrics.depth_m ?? null),
          verdict: inWindow.map(({ verdict }) => verdict),
          absent: { timed_out: 18 },
          instance: '',
        });
        const wide = await store.series({ ...window, points: 12 });
        const width = wide.bucketMs ?? 0;
        const line = wide.lines[0];
        expect(line?.at.length).toBeLessThanOrEqual(12);
        line?.at.forEach((start, i) => {
          const inside = inWindow.filter(({ at }) => at >= start && at < start + width);
          const values = inside.flatMap(({ metrics }) =>
            typeof metrics.depth_m === 'number' ? [metrics.depth_m] : [],
          );
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
      await take(
        records(1, [run(0, { metrics: { clear: true }, instances }), run(1, { metrics: { clear: false }, instances })]),
      );
      const window = { checks: [1], fromMs: 0, toMs: 4e12, points: 100 };
      await inEachLife(async () => {
        const { lines } = await store.series({ ...window, metric: 'angle' });
        expect(lines.map(({ instance, value, absent }) => [instance, value, absent])).toEqual([
          ['port', [10.25, 10.25], {}],
          ['starboard', [null, null], { no_device: 2 }],
        ]);
        expect((await store.series({ ...window, metric: 'clear' })).lines[0]?.value).toEqual([1, 0]);
        expect((await store.series({ ...window, metric: 'no_such' })).lines).toEqual([]);
      });
    });

    test('the ledger counts stored, missed and dropped runs by reason and by their instants', async () => {
      await take(
        records(1, [
          run(0),
          run(1),
          missedOf(2, { from: 1_700_000_002_000, to: 1_700_000_005_000, count: 4, reason: 'overlap' }),
        ]),
      );
      await take(
        drops(1, [
          {
            fromSeq: 3,
            toSeq: 7,
            reason: 'disk_full',
            count: 5,
            runs: [
              { check: 1, target: 1, count: 3, from: 1_700_000_006_000, to: 1_700_000_008_000 },
              { check: 2, target: 1, count: 2, from: 1_700_000_006_000, to: 1_700_000_007_000 },
            ],
          },
        ]),
      );
      await take(
        drops(1, [
          {
            fromSeq: 3,
            toSeq: 7,
            reason: 'disk_full',
            count: 5,
            runs: [
              { check: 1, target: 1, count: 3, from: 1_700_000_006_000, to: 1_700_000_008_000 },
              { check: 2, target: 1, count: 2, from: 1_700_000_006_000, to: 1_700_000_007_000 },
            ],
          },
        ]),
      );
      expect(await store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 7]] }]);
      await inEachLife(async () => {
        const counts = (await store.ledger({ fromMs: 0, toMs: 4e12 })).toSorted((a, b) => a.check - b.check);
        expect(counts).toEqual([
          { agent: 1, check: 1, target: 1, stored: 2, missed: { overlap: 4 }, dropped: { disk_full: 3 } },
          { agent: 1, check: 2, target: 1, stored: 0, missed: {}, dropped: { disk_full: 2 } },
        ]);
        const part = await store.ledger({ agent: 1, checks: [1], fromMs: 1_700_000_001_000, toMs: 1_700_000_004_000 });
        expect(part).toEqual([{ agent: 1, check: 1, target: 1, stored: 1, missed: { overlap: 2 }, dropped: {} }]);
        expect(await store.ledger({ agent: 2, fromMs: 0, toMs: 4e12 })).toEqual([]);
      });
    });

    test('a run that repeats an instant is stored, and counts for nothing in the ledger', async () => {
      const again = { flags: ['started_late', 'repeated'] as const, verdict: 'unknown' as const, finding: FINDING };
      const repeats = [0, 1, 2].map((place) =>
        run(10 + place, { ...again, flags: [...again.flags], at: run(place).at }),
      );
      await take(records(1, [run(0), run(1), run(2), ...repeats, run(3, { flags: ['loop_delayed'] })]));
      const all = { agent: 1, check: 1, target: 1, missed: {}, dropped: {} };
      await inEachLife(async () => {
        expect(await scanAll(store)).toHaveLength(7);
        expect(await store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([{ ...all, stored: 4 }]);
        const window = { fromMs: run(1).at, toMs: run(3).at };
        expect(await store.ledger(window)).toEqual([{ ...all, stored: 2 }]);
      });
      const runs = [{ check: 1, target: 1, count: 1, from: run(20).at, to: run(20).at }];
      await take(drops(1, [{ fromSeq: 10, toSeq: 20, reason: 'torn', count: 1, runs }]));
      await inEachLife(async () =>
        expect(await store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([{ ...all, stored: 4, dropped: { torn: 1 } }]),
      );
    });

    test('of results and drops that overlap, what was settled first counts, and nothing twice', async () => {
      await take(records(1, [run(0), run(1)]));
      await store.compact();
      await take(records(1, [run(2)]));
      const runs = [{ check: 1, target: 1, count: 5, from: run(0).at, to: run(4).at }];
      await take(drops(1, [{ fromSeq: 0, toSeq: 4, reason: 'torn', count: 5, runs }]));
      const late = await take(records(1, [run(3), run(4), run(5)]));
      expect(late.stored).toEqual([[3, 5]]);
      expect(late.results.map(({ seq }) => seq)).toEqual([5]);
      await inEachLife(async () =>
        expect(await store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([
          { agent: 1, check: 1, target: 1, stored: 4, missed: {}, dropped: { torn: 2 } },
        ]),
      );
    });

    test('drops whose records can no longer be told are counted all the same', async () => {
      await take(drops(1, [{ fromSeq: 0, toSeq: 9, reason: 'corrupt', count: 8, runs: [] }]));
      expect(await store.ledger({ fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 })).toEqual([
        { agent: 1, check: 0, target: 0, stored: 0, missed: {}, dropped: { corrupt: 8 } },
      ]);
    });

    test('scans many results in pages, whole and in order', async () => {
      const sent = Array.from({ length: 5000 }, (_, seq) =>
        run(seq, { target: 1 + (seq % 7), at: 1_000_000 + Math.floor(seq / 3) * 1000 }),
      );
      for (let i = 0; i < sent.length; i += 100) {
        await take(records(1, sent.slice(i, i + 100)));
        if (i === 3000) await store.compact();
      }
      let pages = 0;
      for await (const page of store.scan({ checks: [1], fromMs: 1_000_000, toMs: 2_000_000 }))
        pages += page.length > 0 ? 1 : 0;
      expect(pages).toBeGreaterThan(1);
      await inEachLife(async () => {
        const seqs = (await scanAll(store)).map(({ record }) => record.seq);
        expect(seqs.toSorted((a, b) => a - b)).toEqual(sent.map(({ seq }) => seq));
        const newest = await store.results({ checks: [1] }, 10);
        expect(newest.map(({ record }) => record.at)).toEqual(
          sent
            .map(({ at }) => at)
            .sort((a, b) => b - a)
            .slice(0, 10),
        );
      });
    });

    test('after close, calls are refused as closed', async () => {
      await store.close();
      await expect(take(records(1, [run(0)]))).rejects.toMatchObject({ code: 'closed' });
      await expect(store.latest()).rejects.toMatchObject({ code: 'closed' });
    });
  });
}

const FINDING = { cause: 'timeout', side: 'target', operation: 'ping 192.0.2.1' } as const;

const missedOf = (seq: number, more: Partial<MissedRecord>): MissedRecord => ({
  t: 'missed',
  seq,
  check: 1,
  target: 1,
  from: 0,
  to: 0,
  count: 1,
  reason: 'agent_off',
  ...more,
});

/** The arbitrary's ids are none of the suite's probe; only its own ids must be of their kind. */
const kindsFit = (record: RunRecord): boolean =>
  Object.keys(record.metrics).every((id) => !['depth_m', 'pings', 'clear', 'note'].includes(id));
