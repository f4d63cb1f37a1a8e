import type { RunRecord } from '@netsonde/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeriesPage, VerdictQuestion } from '../result-store.ts';
import { FINDING, NONE, records, run, verdictsOf } from './frames.test-data.ts';
import type { Suite } from './suite.test-suite.ts';

const AT = 1_700_000_000_000;
const LIMIT_MS = 2000;

/** Due series of check 1: agent, target, since how long before AT, and until when. Absent: without an end. */
const dueSince = (
  ...series: readonly (readonly [agent: number, target: number, beforeMs: number, untilMs?: number])[]
) =>
  Float64Array.from(
    series.flatMap(([agent, target, beforeMs, untilMs]) => [
      agent,
      target,
      AT - beforeMs,
      untilMs ?? Number.POSITIVE_INFINITY,
    ]),
  );

/** Current verdicts of series: heard, silent, never measured, and since when. */
export function seriesConformance(suite: Suite): void {
  const asked = (more: Partial<VerdictQuestion>) => verdictsOf([1], { atMs: AT, notHeardAfterMs: LIMIT_MS, ...more });
  const count = (more: Partial<VerdictQuestion>) => suite.store.verdictCounts(asked(more));
  const list = (more: Partial<VerdictQuestion>, page: Partial<SeriesPage> = {}) =>
    suite.store.seriesStates(asked(more), { verdict: null, after: 0, limit: 10, ...page });

  async function verifyNewest(target: number, made: readonly RunRecord[], life: string): Promise<void> {
    const newest = made.at(-1) as RunRecord;
    const { series } = await list({ atMs: newest.at, target });
    expect(
      series.map(({ verdict, newestMs, sinceMs, orBefore }) => ({ verdict, newestMs, sinceMs, orBefore })),
      life,
    ).toEqual([{ verdict: newest.verdict, newestMs: newest.at, ...sinceBy(made) }]);
    expect(series[0]?.result?.record, life).toEqual(newest);
    // Once the clock is right again the result may lie in the future: then it says nothing of the present.
    const nowMs = newest.at - 60_001;
    const [ahead] = (await list({ atMs: nowMs, target })).series;
    const last = made.map(({ at }) => at).findLast((at) => at <= nowMs);
    expect(ahead, life).toMatchObject({ verdict: 'unknown', datedAhead: true, newestMs: newest.at, result: null });
    expect([ahead?.sinceMs, ahead?.orBefore], life).toEqual([last ?? nowMs, last === undefined]);
  }

  test('a series whose newest result is too old is unknown if it is due, and left out otherwise', async () => {
    const results = [run(0, { at: AT }), run(1, { at: AT, target: 2 }), run(2, { at: AT + 500, target: 3 })];
    await suite.take(records(1, results));
    await suite.take(records(1, [run(0, { at: AT })]), 2);
    await suite.inEachLife(async () => {
      expect(await count({ atMs: AT + LIMIT_MS })).toEqual({ ...NONE, up: 4 });
      expect(await count({ atMs: AT + LIMIT_MS + 1 })).toEqual({ ...NONE, up: 1, unknown: 3 });
      for (const agent of [1, 2])
        expect(await count({ atMs: AT + LIMIT_MS + 1, due: dueSince([agent, 1, 0]) })).toEqual({
          ...NONE,
          up: 1,
          unknown: 1,
        });
      expect(await count({ atMs: AT + 9000, clockOffsets: new Map([[1, -7500]]) })).toEqual({
        ...NONE,
        up: 3,
        unknown: 1,
      });
    });
  });

  test('a due series without a result waits until its first results were due, and is unknown afterwards', async () => {
    await suite.take(records(1, [run(0, { at: AT })]));
    const due = dueSince([1, 1, 90_000], [1, 2, LIMIT_MS], [1, 3, LIMIT_MS + 1], [2, 1, LIMIT_MS + 1]);
    await suite.inEachLife(async () => {
      expect(await count({ due })).toEqual({ ...NONE, up: 1, waiting: 1, unknown: 2 });
      // The clock of agent 2 is an hour ahead, and it knows of its series as long as all others.
      expect(await count({ due, clockOffsets: new Map([[2, 3_600_000]]) })).toEqual(await count({ due }));
      // The clock of agent 2 is 5 s behind: its first results come later.
      expect(await count({ due, clockOffsets: new Map([[2, -5000]]) })).toEqual({
        ...NONE,
        up: 1,
        waiting: 2,
        unknown: 1,
      });
      expect(await count({ due, agent: 1 })).toEqual({ ...NONE, up: 1, waiting: 1, unknown: 1 });
      expect(await count({ due, target: 1 })).toEqual({ ...NONE, up: 1, unknown: 1 });
      const { series } = await list({ due });
      expect(series.map((one) => [one.verdict, one.agent, one.target, AT - one.sinceMs, one.newestMs])).toEqual([
        ['unknown', 1, 3, 1, null],
        ['unknown', 2, 1, 1, null],
        ['waiting', 1, 2, LIMIT_MS, null],
        ['up', 1, 1, 0, AT],
      ]);
    });
  });

  test('a series that is due again waits, whatever it measured long before', async () => {
    await suite.take(records(1, [run(0, { at: AT - 60_000 })]));
    await suite.inEachLife(async () => {
      expect(await count({ due: dueSince([1, 1, 500]) })).toEqual({ ...NONE, waiting: 1 });
      expect(await count({ due: dueSince([1, 1, 30_000]) })).toEqual({ ...NONE, unknown: 1 });
      expect(await count({ due: dueSince() })).toEqual(NONE);
      expect(await count({ due: dueSince([1, 1, 30_000, AT]) }), 'it is due no longer').toEqual(NONE);
      expect(await count({ due: dueSince([1, 1, 30_000, AT + 1]) })).toEqual({ ...NONE, unknown: 1 });
    });
  });

  test('a series says since when it has its verdict, by results in the log and in blocks', async () => {
    const verdicts = ['up', 'down', 'up', 'down', 'down', 'degraded', 'up', 'up', 'up'] as const;
    const sent = verdicts.map((verdict, place) =>
      run(place, { at: AT - 8000 + place * 1000, verdict, ...(verdict === 'up' ? {} : { finding: FINDING }) }),
    );
    for (let through = 1; through <= sent.length; through += 1) {
      await suite.take(records(1, sent.slice(through - 1, through)));
      if (through === 4 || through === 7) await suite.store.compact();
      const newest = sent[through - 1];
      const { series } = await list({ atMs: newest?.at ?? 0 });
      const before = verdicts.slice(0, through).findLastIndex((verdict) => verdict !== newest?.verdict);
      expect(series.map(({ verdict, sinceMs, orBefore }) => [verdict, sinceMs, orBefore])).toEqual([
        [newest?.verdict, sent[before + 1]?.at, before === -1],
      ]);
      expect(series[0]?.result?.record).toEqual(newest);
    }
    await suite.inEachLife(async () => {
      const { series } = await list({});
      expect(series.map(({ sinceMs, orBefore }) => [sinceMs, orBefore])).toEqual([[sent[6]?.at, false]]);
    });
  });

  test('the newest result is the one that was measured last, whatever its clock said and when it arrived', async () => {
    const step = fc.record({
      verdict: fc.constantFrom('up' as const, 'down' as const),
      // The clock is set: by this much, ms, before the run.
      stepMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -400_000, max: 400_000 })),
      restarts: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      isLate: fc.boolean(),
    });
    const histories = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(histories, async (all) => {
        const ofTarget = all.map((steps, place) => history(steps, place + 1));
        const flat = ofTarget.flat();
        const arriving = [...flat.filter(({ isLate }) => !isLate), ...flat.filter(({ isLate }) => isLate)];
        for (const [place, { epoch, record, isLate }] of arriving.entries()) {
          await suite.take(records(epoch, [record], isLate ? 'backlog' : 'live'), 1, epoch);
          if (place % 150 === 149) await suite.store.compact();
        }
        for (const life of ['partly in the log', 'folded']) {
          for (const [place, made] of ofTarget.entries())
            await verifyNewest(
              place + 1,
              made.map(({ record }) => record),
              life,
            );
          await suite.store.compact();
        }
      }),
      { numRuns: 1 },
    );
  });

  test('series are listed worst first, in pages, and counted whatever the page', async () => {
    const verdicts = ['up', 'down', 'degraded', 'down'] as const;
    const sent = verdicts.map((verdict, place) => run(place, { at: AT, target: 1 + place, verdict, finding: FINDING }));
    await suite.take(records(1, sent));
    const counts = { ...NONE, up: 1, degraded: 1, down: 2 };
    await suite.inEachLife(async () => {
      const first = await list({}, { limit: 3 });
      expect([first.counts, first.next]).toEqual([counts, 3]);
      expect(first.series.map(({ target }) => target)).toEqual([2, 4, 3]);
      const rest = await list({}, { after: 3, limit: 3 });
      expect([rest.counts, rest.next, rest.series.map(({ target }) => target)]).toEqual([counts, null, [1]]);
      const down = await list({}, { verdict: 'down', limit: 1 });
      expect([down.counts, down.next, down.series.map(({ target }) => target)]).toEqual([counts, 1, [2]]);
    });
  });
}

interface Step {
  readonly verdict: 'up' | 'down';
  readonly stepMs: number;
  readonly restarts: boolean;
  readonly isLate: boolean;
}

/** What an agent measured every 10 s, in that order, by a clock that was set now and then. */
function history(steps: readonly Step[], target: number) {
  let [offsetMs, epoch, seq] = [0, target * 1000, 0];
  return steps.map(({ verdict, stepMs, restarts, isLate }, place) => {
    offsetMs += stepMs;
    if (restarts) [epoch, seq] = [epoch + 1, 0];
    seq += 1;
    const finding = verdict === 'up' ? {} : { finding: FINDING };
    const record = run(seq, { at: AT + place * 10_000 + offsetMs, target, verdict, ...finding });
    return { epoch, isLate, record };
  });
}

/** Since when the last of these has its verdict: the first after the last other one, of those dated until it. */
function sinceBy(made: readonly RunRecord[]): { readonly sinceMs: number; readonly orBefore: boolean } {
  const newest = made.at(-1) as RunRecord;
  const other = made.findLastIndex(({ verdict }) => verdict !== newest.verdict);
  const first = made.slice(other + 1).find(({ at }) => at <= newest.at) as RunRecord;
  return { sinceMs: first.at, orBefore: other === -1 };
}
