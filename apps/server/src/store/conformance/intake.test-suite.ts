import type { RunRecord } from '@netsonde/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyRun } from '../records.test-data.ts';
import type { StoredResult } from '../result-store.ts';
import { drops, records, run } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

const byPlace = (a: StoredResult, b: StoredResult): number =>
  a.record.at - b.record.at || a.agent - b.agent || a.epoch - b.epoch || a.record.seq - b.record.seq;

/** The arbitrary's metric ids are not declared by the suite's probe. Only declared ids are restricted to their kind. */
const kindsFit = (record: RunRecord): boolean =>
  Object.keys(record.metrics).every((id) => !['depth_m', 'pings', 'clear', 'note'].includes(id));

/** Intake: a record is stored exactly and once, or refused with its reason. */
export function intakeConformance(suite: Suite): void {
  test('returns any result exactly as it was sent', async () => {
    const sent = fc
      .sample(
        anyRun(1, 2).filter((record) => kindsFit(record)),
        120,
      )
      .map((record, seq) => ({ ...record, seq }));
    for (let i = 0; i < sent.length; i += 20) {
      const report = await suite.take(records(1, sent.slice(i, i + 20)));
      expect(report.refused).toEqual([]);
      expect(report.results).toEqual(sent.slice(i, i + 20));
    }
    const expected = sent.map((record) => ({ agent: 1, epoch: 1, record })).sort(byPlace);
    await suite.inEachLife(async () => expect((await suite.scanAll()).sort(byPlace)).toEqual(expected));
  });

  test('stores metrics that no probe declares, and refuses values of another kind than declared', async () => {
    const report = await suite.take(
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
    await suite.inEachLife(async () =>
      expect((await suite.scanAll()).map(({ record }) => record.metrics)).toEqual([
        { depth_m: 1, brand_new_ms: 0.1 + 0.2 },
      ]),
    );
  });

  test('stores a record once, however often and in whatever order it arrives', async () => {
    const all = Array.from({ length: 30 }, (_, seq) => run(seq));
    const shuffled = fc.sample(fc.shuffledSubarray([...all, ...all, ...all], { minLength: 90 }), 1)[0] ?? [];
    const fresh: number[] = [];
    for (let i = 0; i < shuffled.length; i += 7) {
      const part = shuffled.slice(i, i + 7);
      const report = await suite.take(records(1, part));
      for (const { seq } of part) expect(report.stored.some(([from, to]) => from <= seq && seq <= to)).toBe(true);
      expect(report.resultCount).toBe(report.results.length);
      fresh.push(...report.results.map(({ seq }) => seq));
      if (i === 42) await suite.store.compact();
      if (i === 70) await suite.reopen();
    }
    expect(fresh.sort((a, b) => a - b)).toEqual(all.map(({ seq }) => seq));
    expect((await suite.scanAll()).map(({ record }) => record.seq)).toEqual(all.map(({ seq }) => seq));
    expect(await suite.store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 29]] }]);
    expect((await suite.store.ledger({ fromMs: 0, toMs: 4e12 }))[0]?.stored).toBe(30);
  });

  test('distinguishes agents, epochs and series', async () => {
    await suite.take(records(1, [run(0)]), 1, 1);
    await suite.take(records(2, [run(0)]), 1, 2);
    await suite.take(records(1, [run(0, { target: 7 })]), 2, 1);
    expect(await suite.store.received(1)).toEqual([
      { epoch: 1, ranges: [[0, 0]] },
      { epoch: 2, ranges: [[0, 0]] },
    ]);
    await suite.inEachLife(async () => {
      expect(await suite.scanAll()).toHaveLength(3);
      expect(await suite.store.results({ checks: [1], agent: 2 }, 10)).toEqual([
        { agent: 2, epoch: 1, record: run(0, { target: 7 }) },
      ]);
      expect(await suite.store.results({ checks: [1], target: 1 }, 10)).toHaveLength(2);
      expect((await suite.store.latest()).map(({ agent }) => agent).sort()).toEqual([1, 2]);
    });
  });

  test('accepts concurrent calls of ingest', async () => {
    const reports = await Promise.all(
      Array.from({ length: 40 }, (_, i) => suite.take(records(1, [run(i)]), 1 + (i % 4))),
    );
    expect(reports.every(({ resultCount }) => resultCount === 1)).toBe(true);
    expect(await suite.scanAll()).toHaveLength(40);
    expect(await suite.store.storedSince(Date.now() - 60_000)).toBe(40);
  });

  test('a malformed frame stores nothing and is reported with its fault', async () => {
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
      const report = await suite.take(frame);
      expect(report.malformed).toMatch(reason);
      expect(report.stored).toEqual([]);
    }
    expect(await suite.store.received(1)).toEqual([]);
    expect(await suite.scanAll()).toEqual([]);
  });

  test('a record that can never be stored is refused with its field and counts as received', async () => {
    const report = await suite.take(
      records(1, [run(0), run(1, { check: 99 }), { ...run(2), verdict: 'red' }, { ...run(3), at: -1 }, run(4)]),
    );
    expect(report.stored).toEqual([
      [0, 0],
      [4, 4],
    ]);
    expect(report.refused.map(({ seq, reason }) => [seq, reason.split(':')[0]])).toEqual([
      [1, 'check'],
      [2, 'verdict'],
      [3, 'at'],
    ]);
    expect(await suite.store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 4]] }]);
    const again = await suite.take(records(1, [run(1, { check: 99 })]));
    expect(again).toMatchObject({ stored: [[1, 1]], refused: [], resultCount: 0 });
  });
}
