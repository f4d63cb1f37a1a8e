import { expect, test } from 'vitest';
import { readChecks } from './read-checks.ts';

const good = {
  check: 1,
  test: 1,
  probe: 'tcp',
  options: {},
  expectations: [],
  intervalMs: 100,
  startMs: 0,
  endMs: null,
  targets: [{ target: 1, address: '192.0.2.1:80' }],
};

test.each([
  [{ ...good, intervalMs: 99 }, /intervalMs: /],
  [{ ...good, intervalMs: 0 }, /intervalMs: /],
  [{ ...good, endMs: 'soon' }, /endMs: /],
  [{ ...good, targets: [{ target: 1, address: '' }] }, /targets\[0\]\.address: /],
  [{ check: 7 }, /test: .*probe: /],
])('a check that is wrong is refused by its field, and the others run: %#', (wrong, reason) => {
  const { checks, refused } = readChecks([good, wrong, { ...good, check: 2 }]);
  expect(checks.map(({ check }) => check)).toEqual([1, 2]);
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ check: wrong.check, reason: expect.stringMatching(reason) });
});
