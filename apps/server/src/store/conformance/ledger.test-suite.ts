import { expect, test } from 'vitest';
import { drops, FINDING, missedOf, records, run } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

/** The ledger: the outcome of every run. */
export function ledgerConformance(suite: Suite): void {
  test('the ledger counts stored, missed and dropped runs by reason and by their instants', async () => {
    await suite.take(
      records(1, [
        run(0),
        run(1),
        missedOf(2, { from: 1_700_000_002_000, to: 1_700_000_005_000, count: 4, reason: 'overlap' }),
      ]),
    );
    const lost = {
      fromSeq: 3,
      toSeq: 7,
      reason: 'disk_full',
      count: 5,
      runs: [
        { check: 1, target: 1, count: 3, from: 1_700_000_006_000, to: 1_700_000_008_000 },
        { check: 2, target: 1, count: 2, from: 1_700_000_006_000, to: 1_700_000_007_000 },
      ],
    } as const;
    for (let again = 0; again < 2; again += 1) await suite.take(drops(1, [{ ...lost, runs: [...lost.runs] }]));
    expect(await suite.store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 7]] }]);
    await suite.inEachLife(async () => {
      const counts = (await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).toSorted((a, b) => a.check - b.check);
      expect(counts).toEqual([
        { agent: 1, check: 1, target: 1, stored: 2, missed: { overlap: 4 }, refused: {}, dropped: { disk_full: 3 } },
        { agent: 1, check: 2, target: 1, stored: 0, missed: {}, refused: {}, dropped: { disk_full: 2 } },
      ]);
      const part = await suite.store.ledger({
        agent: 1,
        checks: [1],
        fromMs: 1_700_000_001_000,
        toMs: 1_700_000_004_000,
      });
      expect(part).toEqual([
        { agent: 1, check: 1, target: 1, stored: 1, missed: { overlap: 2 }, refused: {}, dropped: {} },
      ]);
      expect(await suite.store.ledger({ agent: 2, fromMs: 0, toMs: 4e12 })).toEqual([]);
    });
  });

  test('a run that repeats an instant is stored, and the ledger counts it apart', async () => {
    const again = { flags: ['started_late', 'repeated'] as const, verdict: 'unknown' as const, finding: FINDING };
    const repeats = [0, 1, 2].map((place) => run(10 + place, { ...again, flags: [...again.flags], at: run(place).at }));
    await suite.take(records(1, [run(0), run(1), run(2), ...repeats, run(3, { flags: ['loop_delayed'] })]));
    const all = { agent: 1, check: 1, target: 1, missed: {}, refused: {}, dropped: {} };
    await suite.inEachLife(async () => {
      expect(await suite.scanAll()).toHaveLength(7);
      expect(await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([{ ...all, stored: 4, repeated: 3 }]);
      const window = { fromMs: run(1).at, toMs: run(3).at };
      expect(await suite.store.ledger(window)).toEqual([{ ...all, stored: 2, repeated: 2 }]);
    });
    const runs = [{ check: 1, target: 1, count: 1, from: run(20).at, to: run(20).at }];
    await suite.take(drops(1, [{ fromSeq: 10, toSeq: 20, reason: 'torn', count: 1, runs }]));
    await suite.inEachLife(async () =>
      expect(await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([
        { ...all, stored: 4, repeated: 3, dropped: { torn: 1 } },
      ]),
    );
  });

  test('if results and drops overlap, the one settled first counts, and nothing counts twice', async () => {
    await suite.take(records(1, [run(0), run(1)]));
    await suite.store.compact();
    await suite.take(records(1, [run(2)]));
    const runs = [{ check: 1, target: 1, count: 5, from: run(0).at, to: run(4).at }];
    await suite.take(drops(1, [{ fromSeq: 0, toSeq: 4, reason: 'torn', count: 5, runs }]));
    const late = await suite.take(records(1, [run(3), run(4), run(5)]));
    expect(late.stored).toEqual([[3, 5]]);
    expect(late.results.map(({ seq }) => seq)).toEqual([5]);
    await suite.inEachLife(async () =>
      expect(await suite.store.ledger({ fromMs: 0, toMs: 4e12 })).toEqual([
        { agent: 1, check: 1, target: 1, stored: 4, missed: {}, refused: {}, dropped: { torn: 2 } },
      ]),
    );
  });

  test('drops whose records the agent can no longer read are counted too', async () => {
    await suite.take(drops(1, [{ fromSeq: 0, toSeq: 9, reason: 'corrupt', count: 8, runs: [] }]));
    expect(await suite.store.ledger({ fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 })).toEqual([
      { agent: 1, check: 0, target: 0, stored: 0, missed: {}, refused: {}, dropped: { corrupt: 8 } },
    ]);
  });
}
