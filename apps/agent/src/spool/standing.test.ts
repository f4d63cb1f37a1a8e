import { expect, test } from 'vitest';
import { Standing } from './standing.ts';

const pairs = (count: number) => Array.from({ length: count }, (_, i) => i);

test('acknowledgements of records that the spool does not hold are not kept', () => {
  const standing = new Standing((epoch) => (epoch === 7 ? [100, 200] : null));
  for (const i of pairs(10_000)) standing.settle(1000 + i, 0, 5);
  for (const i of pairs(10_000)) standing.settle(7, 201 + 2 * i);
  for (const i of pairs(50)) standing.settle(7, 2 * i);
  expect(standing.size).toBe(0);
  standing.settle(7, 0, 1e9);
  expect([standing.size, standing.isSettled(7, 100), standing.isSettled(7, 200)]).toEqual([1, true, true]);
  expect([standing.isSettled(7, 99), standing.isSettled(7, 201)]).toEqual([false, false]);
});

test('what is known of records goes with them', () => {
  let held: readonly [number, number] | null = [0, 99];
  const standing = new Standing(() => held);
  standing.sent(7, [[0, 99]]);
  for (const i of pairs(50)) standing.settle(7, 2 * i);
  standing.prune();
  expect(standing.size).toBe(52);
  held = [51, 99];
  standing.prune();
  expect(standing.size).toBe(26);
  expect([standing.isWanted(7, 51), standing.isSettled(7, 52), standing.isUncertain(7, 51)]).toEqual([
    false,
    true,
    true,
  ]);
  held = null;
  standing.prune();
  expect(standing.size).toBe(0);
});
