import { expect, test } from 'vitest';
import { Cursors, MOST_UNASSIGNED } from './cursors.ts';

const DAY_MS = 86_400_000;
const checksOf = (cursors: Cursors) => [...new Set([...cursors].map(([check]) => check))];

test('cursors of a check that is not assigned are dropped a week after its last run', () => {
  const cursors = new Cursors();
  const newest = 100 * DAY_MS;
  cursors.advance(1, 1, 5);
  cursors.advance(2, 1, newest - 8 * DAY_MS);
  cursors.advance(3, 1, newest - 8 * DAY_MS);
  cursors.advance(3, 2, newest - 6 * DAY_MS);
  cursors.advance(4, 1, newest);
  cursors.prune(new Set([1]));
  expect(checksOf(cursors)).toEqual([1, 3, 4]);
  expect([cursors.get(1, 1), cursors.get(3, 1)]).toEqual([5, newest - 8 * DAY_MS]);
});

test('of ever new checks the cursors of the oldest are dropped, and those of assigned checks are kept', () => {
  const cursors = new Cursors();
  const perCheck = 1000;
  const checks = MOST_UNASSIGNED / perCheck + 30;
  for (let check = 1; check <= checks; check += 1)
    for (let target = 0; target < perCheck; target += 1) cursors.advance(check, target, check);
  cursors.prune(new Set([1, 2]));
  const left = checksOf(cursors);
  expect(left.slice(0, 3)).toEqual([1, 2, 31]);
  expect(left).toHaveLength(MOST_UNASSIGNED / perCheck + 2);
});

test('a check with very many targets can be pruned', () => {
  const cursors = new Cursors();
  for (let target = 0; target < 300_000; target += 1) cursors.advance(1, target, target);
  cursors.prune(new Set([1]));
  expect([...cursors]).toHaveLength(300_000);
  cursors.prune(new Set());
  expect([...cursors]).toHaveLength(0);
});
