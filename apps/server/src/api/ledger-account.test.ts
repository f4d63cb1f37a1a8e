import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountOf } from './ledger-account.ts';

const series = { agent: 1, check: 1, target: 1 };
const few = fc.nat(50);

test('a row holds its sum, whatever the store counted', () => {
  const counts = fc.record({ present: few, retired: few, dropped: few, missed: few, refused: few, due: few });
  fc.assert(
    fc.property(counts, ({ present, retired, dropped, missed, refused, due }) => {
      const stored = present + retired;
      const lost = { dropped: { disk_full: dropped }, missed: { agent_off: missed }, refused: { malformed: refused } };
      const { count, expected, outstanding } = accountOf({ ...series, stored, retired, ...lost }, due);
      const sums = [count.dropped, count.missed, count.refused].map((by) =>
        Object.values(by).reduce((sum, one) => sum + one, 0),
      );
      expect(expected).toBe(due);
      expect(sums.reduce((sum, one) => sum + one, count.stored + outstanding)).toBe(due);
      expect(outstanding).toBeGreaterThanOrEqual(0);
      expect(count.retired ?? 0).toBeLessThanOrEqual(count.stored);
    }),
  );
});

const none = { dropped: {}, missed: {}, refused: {} };

test('runs that retention has deleted give way to losses, since a part of a day is an estimate', () => {
  const { count } = accountOf({ ...series, ...none, stored: 24, retired: 24, missed: { agent_off: 40 } }, 60);
  expect(count).toMatchObject({ stored: 20, retired: 20, missed: { agent_off: 40 } });
});

test('deleted runs after the end of a span repeat nothing', () => {
  const { count } = accountOf({ ...series, ...none, stored: 60, retired: 60 }, 50);
  expect(count).toMatchObject({ stored: 50, retired: 50 });
  expect(count.repeated).toBeUndefined();
});

test('more results than due runs are repeated ones, and losses beside them count nothing', () => {
  const { count } = accountOf({ ...series, ...none, stored: 12, dropped: { disk_full: 3 } }, 10);
  expect(count).toMatchObject({ stored: 10, repeated: 2, dropped: {} });
});
