import { describe, expect, test } from 'vitest';
import { faultOfSights, type Sight } from './judge-sights.test-support.ts';

const sight = (value: Sight['value'], expected: Sight['expected']): Sight => ({ made: 'a truth', value, expected });
const ranges = [
  { least: 1, most: 3 },
  { least: 4, most: 9 },
] as const;

describe('a metric', () => {
  test.each([
    ['two values', [sight(1, 1), sight(2, 2)]],
    ['two texts', [sight('a', 'a'), sight('b', 'b')]],
    ['both answers', [sight(true, true), sight(false, false)]],
    ['two ranges', [sight(2, ranges[0]), sight(4, ranges[1])]],
    ['a value and a range', [sight(0, 0), sight(3, ranges[0])]],
  ])('that was right with %s is shown', (_, sights) => {
    expect(faultOfSights(sights, false)).toBeNull();
    expect(faultOfSights(sights, true)).toContain('take it off');
  });

  test.each([
    ['is not set at all', [], 'no truth'],
    ['is set once', [sight(1, 1)], 'only one truth'],
    ['is set twice to the same', [sight(1, 1), sight(1, 1)], 'only one truth'],
    ['is set to ranges that share a value', [sight(3, ranges[0]), sight(3, { least: 3, most: 4 })], 'only one truth'],
    ['is set to a range that holds the value', [sight(2, 2), sight(2, ranges[0])], 'only one truth'],
    ['is absent once', [sight(1, 1), sight(undefined, 2)], 'absent under a truth'],
    ['is wrong once', [sight(1, 1), sight(3, 2)], '3 under a truth'],
    ['is outside its range', [sight(1, 1), sight(10, ranges[1])], '10 under a truth'],
    ['is no number where it must be one', [sight(1, 1), sight('5', ranges[1])], '5 under a truth'],
  ])('that %s is not', (_, sights, fault) => {
    expect(faultOfSights(sights, false)).toContain(fault);
  });

  test('that is excepted must be shown once, and be right', () => {
    expect(faultOfSights([sight(2, ranges[0])], true)).toBeNull();
    expect(faultOfSights([], true)).toContain('no truth');
    expect(faultOfSights([sight(0, ranges[0])], true)).toContain('0 under');
  });
});
