import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccountedInstants } from './accounted-instants.ts';

const INTERVAL_MS = 1000;
const PHASE_MS = 123;
const series = { agent: 1, check: 2, target: 3, intervalMs: INTERVAL_MS };
const at = (index: number): number => index * INTERVAL_MS + PHASE_MS;

const step = fc.oneof(
  fc.record({ run: fc.nat(60) }),
  fc.record({ missedFrom: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }),
);

test('in any order no instant is counted as missed twice, and none has two first runs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const accounted = new AccountedInstants();
      const runs = new Set<number>();
      const missed = new Set<number>();
      for (const one of steps) {
        if ('run' in one) {
          expect(accounted.hasRun(series, at(one.run))).toBe(runs.has(one.run));
          expect(accounted.addRun(series, at(one.run))).toBe(!runs.has(one.run));
          runs.add(one.run);
          continue;
        }
        const instants = Array.from({ length: one.length }, (_, i) => one.missedFrom + i);
        const fresh = accounted.addMissed(series, at(one.missedFrom), at(instants.at(-1) ?? 0), one.length);
        const known = instants.filter((index) => runs.has(index)).length + instants.filter((i) => missed.has(i)).length;
        expect(fresh).toBe(Math.max(0, one.length - known));
        if (fresh > 0) for (const index of instants) missed.add(index);
      }
    }),
  );
});

test('series of one agent, and intervals of one series, are apart', () => {
  const accounted = new AccountedInstants();
  expect(accounted.addRun(series, at(5))).toBe(true);
  expect(accounted.addRun({ ...series, target: 4 }, at(5))).toBe(true);
  expect(accounted.addRun({ ...series, intervalMs: 500 }, at(5))).toBe(true);
  expect(accounted.addRun(series, at(5))).toBe(false);
});

test('instants that are no longer told apart count as accounted for', () => {
  const accounted = new AccountedInstants();
  for (let index = 0; index < 4000; index += 2) expect(accounted.addRun(series, at(index))).toBe(true);
  expect(accounted.addRun(series, at(0))).toBe(false);
  expect(accounted.addRun(series, at(1))).toBe(false);
  expect(accounted.addMissed(series, at(0), at(9), 10)).toBe(0);
  expect(accounted.addRun(series, at(3999))).toBe(true);
  accounted.clear();
  expect(accounted.addRun(series, at(0))).toBe(true);
});
