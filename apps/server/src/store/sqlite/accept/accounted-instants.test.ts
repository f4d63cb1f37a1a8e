import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccountedInstants } from './accounted-instants.ts';

const INTERVAL_MS = 1000;
const PHASE_MS = 123;
const named = { agent: 1, check: 2, target: 3, intervalMs: INTERVAL_MS };
const at = (index: number): number => index * INTERVAL_MS + PHASE_MS;

const step = fc.oneof(
  fc.record({ run: fc.nat(60) }),
  fc.record({ missedFrom: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }),
);

test('in any order no instant is counted as missed twice, and none has two first runs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const series = new AccountedInstants().of(named);
      const runs = new Set<number>();
      const missed = new Set<number>();
      for (const one of steps) {
        if ('run' in one) {
          expect(series.hasRun(at(one.run))).toBe(runs.has(one.run));
          expect(series.addRun(at(one.run))).toBe(!runs.has(one.run));
          runs.add(one.run);
          continue;
        }
        const instants = Array.from({ length: one.length }, (_, i) => one.missedFrom + i);
        const fresh = series.addMissed(at(one.missedFrom), at(instants.at(-1) ?? 0), one.length);
        const known = instants.filter((index) => runs.has(index)).length + instants.filter((i) => missed.has(i)).length;
        expect(fresh).toBe(Math.max(0, one.length - known));
        if (fresh > 0) for (const index of instants) missed.add(index);
      }
    }),
  );
});

test('series of one agent, and intervals of one series, are apart', () => {
  const accounted = new AccountedInstants();
  expect(accounted.of(named).addRun(at(5))).toBe(true);
  expect(accounted.of({ ...named, target: 4 }).addRun(at(5))).toBe(true);
  expect(accounted.of({ ...named, agent: 2 }).addRun(at(5))).toBe(true);
  expect(accounted.of({ ...named, intervalMs: 500 }).addRun(at(5))).toBe(true);
  expect(accounted.of(named).addRun(at(5))).toBe(false);
});

test('instants that are no longer told apart count as accounted for', () => {
  const accounted = new AccountedInstants();
  const series = accounted.of(named);
  for (let index = 0; index < 4000; index += 2) expect(series.addRun(at(index))).toBe(true);
  expect(series.addRun(at(0))).toBe(false);
  expect(series.addRun(at(1))).toBe(false);
  expect(series.addMissed(at(0), at(9), 10)).toBe(0);
  expect(series.addRun(at(3999))).toBe(true);
  accounted.clear();
  expect(accounted.of(named).addRun(at(0))).toBe(true);
});

test('series of a deleted check are dropped', () => {
  const accounted = new AccountedInstants();
  for (let check = 1; check <= 10; check += 1)
    for (let target = 1; target <= 100; target += 1) accounted.of({ ...named, check, target }).addRun(at(5));
  accounted.dropCheck(3);
  accounted.dropCheck(3);
  accounted.dropCheck(77);
  expect(accounted.size).toBe(900);
  expect(accounted.of({ ...named, check: 4, target: 1 }).hasRun(at(5))).toBe(true);
});

test('of more series than it keeps, those of the checks known longest are dropped', () => {
  const accounted = new AccountedInstants(1000);
  for (let target = 1; target <= 10_000; target += 1) {
    accounted.of({ ...named, check: target % 7, target }).addRun(at(5));
    expect(accounted.size).toBeLessThanOrEqual(1000);
  }
  expect(accounted.of({ ...named, check: 10_000 % 7, target: 10_000 }).hasRun(at(5))).toBe(true);
  expect(accounted.of({ ...named, check: 1, target: 1 }).hasRun(at(5))).toBe(false);
});
