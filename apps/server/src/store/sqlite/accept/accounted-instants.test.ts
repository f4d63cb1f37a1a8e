import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccountedInstants, type StoredInstants } from './accounted-instants.ts';
import type { AccountedOfSeries } from './accounted-of-series.ts';

const INTERVAL_MS = 1000;
const PHASE_MS = 123;
const named = { agent: 1, check: 2, target: 3, intervalMs: INTERVAL_MS, phaseMs: PHASE_MS };
const at = (index: number): number => index * INTERVAL_MS + PHASE_MS;
const NOTHING: StoredInstants = { read: () => ({ runs: [], lost: [] }), renew: () => undefined };

/** Notes a run. @returns whether the instant had none. */
function addRun(series: AccountedOfSeries, index: number): boolean {
  const isNew = series.stateOf(at(index)) !== 'run';
  if (isNew) series.addRun(at(index));
  return isNew;
}

const step = fc.oneof(
  fc.record({ run: fc.nat(60) }),
  fc.record({ lostFrom: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }),
);

test('in any order no instant is counted as lost twice or beside a run, and none has two first runs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const series = new AccountedInstants(NOTHING).of(named);
      const runs = new Set<number>();
      const lost = new Set<number>();
      for (const one of steps) {
        if ('run' in one) {
          expect(series.stateOf(at(one.run))).toBe(runs.has(one.run) ? 'run' : lost.has(one.run) ? 'lost' : 'free');
          expect(addRun(series, one.run)).toBe(!runs.has(one.run));
          runs.add(one.run);
          lost.delete(one.run);
          continue;
        }
        const instants = Array.from({ length: one.length }, (_, i) => one.lostFrom + i);
        const parts = series.addLost(at(one.lostFrom), at(instants.at(-1) ?? 0), one.length);
        const fresh = instants.filter((index) => !runs.has(index) && !lost.has(index));
        const found = parts.flatMap(({ from, count }) =>
          Array.from({ length: count }, (_, i) => from + i * INTERVAL_MS),
        );
        expect(found).toEqual(fresh.map(at));
        for (const index of fresh) lost.add(index);
      }
    }),
  );
});

test('lost runs that are fewer than the instants leave room for as many runs as there are other instants', () => {
  const series = new AccountedInstants(NOTHING).of(named);
  expect(series.addLost(at(10), at(19), 6)).toEqual([{ from: at(10), to: at(19), count: 6 }]);
  for (const index of [11, 12, 13, 14]) {
    expect(series.stateOf(at(index))).toBe('free');
    series.addRun(at(index));
  }
  expect(series.addLost(at(10), at(19), 10), 'all are accounted for').toEqual([]);
  expect(series.stateOf(at(15)), 'a fifth run was not lost after all').toBe('lost');
  series.addRun(at(15));
  expect(series.addLost(at(5), at(12), 8)).toEqual([{ from: at(5), to: at(9), count: 5 }]);
});

test('series of one agent, and intervals of one series, are apart', () => {
  const accounted = new AccountedInstants(NOTHING);
  expect(addRun(accounted.of(named), 5)).toBe(true);
  expect(addRun(accounted.of({ ...named, target: 4 }), 5)).toBe(true);
  expect(addRun(accounted.of({ ...named, agent: 2 }), 5)).toBe(true);
  expect(addRun(accounted.of({ ...named, intervalMs: 500 }), 5)).toBe(true);
  expect(addRun(accounted.of(named), 5)).toBe(false);
});

test('instants that are no longer told apart count as accounted for', () => {
  const accounted = new AccountedInstants(NOTHING);
  const series = accounted.of(named);
  for (let index = 0; index < 4000; index += 2) expect(addRun(series, index)).toBe(true);
  expect(addRun(series, 0)).toBe(false);
  expect(addRun(series, 1)).toBe(false);
  expect(series.addLost(at(0), at(9), 10)).toEqual([]);
  expect(addRun(series, 3999)).toBe(true);
  accounted.clear();
  expect(addRun(accounted.of(named), 0)).toBe(true);
});

test('what is stored is read when it is needed, each instant once, and again after it was dropped', () => {
  const asked: [number, number][] = [];
  const accounted = new AccountedInstants({
    read: (_, fromMs, toMs) => {
      asked.push([fromMs, toMs]);
      const all = [10, 11, 12, 50].map(at).filter((one) => one >= fromMs && one < toMs);
      return { runs: all.map((one) => ({ from: one, to: one, count: 1 })), lost: [] };
    },
    renew: () => undefined,
  });
  const series = accounted.of(named);
  expect([100, 50, 12, 11, 10, 9].map((index) => series.stateOf(at(index)))).toEqual([
    'free',
    'run',
    'run',
    'run',
    'run',
    'free',
  ]);
  expect(asked[0]).toEqual([at(100), Number.POSITIVE_INFINITY]);
  for (const [place, [, toMs]] of asked.entries()) if (place > 0) expect(toMs).toBe(asked[place - 1]?.[0]);
  expect(asked.length).toBeLessThan(5);
  accounted.clear();
  expect(accounted.of(named).stateOf(at(11))).toBe('run');
});

test('series of a deleted check are dropped', () => {
  const accounted = new AccountedInstants(NOTHING);
  for (let check = 1; check <= 10; check += 1)
    for (let target = 1; target <= 100; target += 1) addRun(accounted.of({ ...named, check, target }), 5);
  accounted.dropCheck(3);
  accounted.dropCheck(3);
  accounted.dropCheck(77);
  expect(accounted.size).toBe(900);
  expect(accounted.of({ ...named, check: 4, target: 1 }).stateOf(at(5))).toBe('run');
});

test('of more series than it keeps, those of the checks known longest are dropped', () => {
  const accounted = new AccountedInstants(NOTHING, 1000);
  for (let target = 1; target <= 10_000; target += 1) {
    addRun(accounted.of({ ...named, check: target % 7, target }), 5);
    expect(accounted.size).toBeLessThanOrEqual(1000);
  }
  expect(accounted.of({ ...named, check: 10_000 % 7, target: 10_000 }).stateOf(at(5))).toBe('run');
  expect(accounted.of({ ...named, check: 1, target: 1 }).stateOf(at(5))).toBe('free');
});
