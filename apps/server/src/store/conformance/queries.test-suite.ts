import { expect, test } from 'vitest';
import { FINDING, missedOf, NONE, records, run, verdictsOf } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

/** Queries: late results, newest results, pages, after deletion and after closing. */
export function queryConformance(suite: Suite): void {
  test('knows its checks after a restart, and refuses results of a deleted check', async () => {
    await suite.take(records(1, [run(0)]));
    await suite.store.setChecks([{ check: 2, probe: 'sonar' }]);
    await suite.reopen();
    const report = await suite.take(records(1, [run(1), run(2, { check: 2 })]));
    expect(report.refused.map(({ seq }) => seq)).toEqual([1]);
    expect(await suite.scanAll()).toHaveLength(2);
  });

  test('deletes the results of a check, in the log and in blocks, and nothing else', async () => {
    await suite.take(records(1, [run(0), run(1, { check: 2 })]));
    await suite.store.compact();
    await suite.take(records(1, [run(2), run(3, { check: 2 }), missedOf(4, { check: 1 })]));
    await suite.store.forget([1]);
    await suite.inEachLife(async () => {
      expect((await suite.scanAll()).map(({ record }) => record.seq)).toEqual([1, 3]);
      expect((await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).map(({ check, stored }) => [check, stored])).toEqual(
        [[2, 2]],
      );
      expect(await suite.store.verdictCounts(verdictsOf([1, 2]))).toEqual({ ...NONE, up: 1 });
    });
    await suite.take(records(1, [run(5)]));
    expect(await suite.scanAll([1]), 'a check that is deleted takes no results').toEqual([]);
    await suite.store.addChecks([{ check: 1, probe: 'sonar' }]);
    await suite.take(records(1, [run(6)]));
    expect((await suite.scanAll([1])).map(({ record }) => record.seq)).toEqual([6]);
  });

  test('late results are ordered by their scheduled instant, and the newest by instant stays the newest', async () => {
    await suite.take(records(1, [run(10, { at: 10_000_000, verdict: 'down', finding: FINDING })]));
    await suite.store.compact();
    await suite.take(records(1, [run(3, { at: 3_000_000 }), run(4, { at: 4_000_000 })], 'backlog'));
    await suite.inEachLife(async () => {
      expect((await suite.scanAll()).map(({ record }) => record.seq)).toEqual([3, 4, 10]);
      expect((await suite.store.latest([1])).map(({ record }) => record.seq)).toEqual([10]);
      expect(await suite.store.verdictCounts(verdictsOf([1]))).toEqual({ ...NONE, down: 1 });
      expect((await suite.store.results({ checks: [1] }, 2)).map(({ record }) => record.seq)).toEqual([10, 4]);
      expect((await suite.store.results({ checks: [1], toMs: 4_000_000 }, 9)).map(({ record }) => record.seq)).toEqual([
        3,
      ]);
      expect((await suite.store.results({ checks: [1], verdict: 'down' }, 9)).map(({ record }) => record.seq)).toEqual([
        10,
      ]);
    });
  });

  test('finds one result by its agent, epoch and sequence, with or without its instant', async () => {
    const named = async (agent: number, epoch: number, seq: number, atMs?: number) =>
      (await suite.store.result({ agent, epoch, seq, ...(atMs === undefined ? {} : { atMs }) }))?.record;
    const of = (epoch: number, agent: number) =>
      Array.from({ length: 60 }, (_, seq) => run(seq, { target: 1 + (seq % 3), took: epoch * 10 + agent }));
    await suite.take(records(1, of(1, 1)), 1, 1);
    await suite.take(records(2, of(2, 1)), 1, 2);
    await suite.store.compact();
    await suite.take(records(1, of(1, 2)), 2, 1);
    await suite.inEachLife(async () => {
      for (const [agent, epoch] of [
        [1, 1],
        [1, 2],
        [2, 1],
      ] as const) {
        const expected = of(epoch, agent)[37];
        expect(await named(agent, epoch, 37)).toEqual(expected);
        expect(await named(agent, epoch, 37, expected?.at)).toEqual(expected);
        expect(await named(agent, epoch, 60)).toBeUndefined();
      }
      expect(await named(2, 2, 37)).toBeUndefined();
      expect(await named(3, 1, 37)).toBeUndefined();
    });
  });

  test('each result is returned with its detail, changed or not, and logs of failed runs are kept', async () => {
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
    await suite.take(records(1, sent));
    await suite.inEachLife(async () => expect((await suite.scanAll()).map(({ record }) => record)).toEqual(sent));
  });

  test('scans many results in pages, completely and in order', async () => {
    const sent = Array.from({ length: 5000 }, (_, seq) =>
      run(seq, { target: 1 + (seq % 7), at: 1_000_000 + Math.floor(seq / 3) * 1000 }),
    );
    for (let i = 0; i < sent.length; i += 100) {
      await suite.take(records(1, sent.slice(i, i + 100)));
      if (i === 3000) await suite.store.compact();
    }
    let pages = 0;
    for await (const page of suite.store.scan({ checks: [1], fromMs: 1_000_000, toMs: 2_000_000 }))
      pages += page.length > 0 ? 1 : 0;
    expect(pages).toBeGreaterThan(1);
    await suite.inEachLife(async () => {
      const seqs = (await suite.scanAll()).map(({ record }) => record.seq);
      expect(seqs.toSorted((a, b) => a - b)).toEqual(sent.map(({ seq }) => seq));
      const newest = await suite.store.results({ checks: [1] }, 10);
      expect(newest.map(({ record }) => record.at)).toEqual(
        sent
          .map(({ at }) => at)
          .sort((a, b) => b - a)
          .slice(0, 10),
      );
    });
  });

  test('pages of a scan are bounded even where all results have one instant, and folds in between lose none', async () => {
    const sent = Array.from({ length: 2500 }, (_, seq) => run(seq, { target: 1 + (seq % 1250), at: 1_000_000 }));
    const take = async (from: number, to: number) => {
      for (let i = from; i < to; i += 100) await suite.take(records(1, sent.slice(i, i + 100)));
    };
    await take(0, 1200);
    await suite.store.compact();
    await take(1200, 2500);
    const inPages = async (between: () => Promise<void>) => {
      const seqs: number[] = [];
      for await (const page of suite.store.scan({ checks: [1] })) {
        expect(page.length).toBeLessThanOrEqual(1000);
        seqs.push(...page.map(({ record }) => record.seq));
        await between();
      }
      return seqs;
    };
    const first = await inPages(() => suite.store.compact());
    expect(first.toSorted((a, b) => a - b)).toEqual(sent.map(({ seq }) => seq));
    expect(await inPages(async () => {})).toEqual(first);
    const newest = await suite.store.results({ checks: [1] }, 3);
    expect(newest.map(({ record }) => record.seq)).toEqual(first.slice(-3).reverse());
  });

  test('after close, calls are refused as closed', async () => {
    await suite.store.close();
    await expect(suite.take(records(1, [run(0)]))).rejects.toMatchObject({ code: 'closed' });
    await expect(suite.store.writable()).rejects.toMatchObject({ code: 'closed' });
    await expect(suite.store.latest()).rejects.toMatchObject({ code: 'closed' });
  });
}
