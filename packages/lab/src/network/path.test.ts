import { expect, test } from 'vitest';
import { targetAddresses } from './addresses.ts';
import { checkPath, hopsOf } from './path.ts';

test('a path that cannot be emulated is refused by the name of its field', () => {
  expect(() => checkPath({ forward: { lossPct: 101 } })).toThrow('path.forward.lossPct: 101');
  expect(() => checkPath({ backward: { delayMs: -1 } })).toThrow('path.backward.delayMs: -1');
  expect(() => checkPath({ forward: { burst: { enterPct: Number.NaN, leavePct: 1 } } })).toThrow('burst.enterPct');
  expect(() => checkPath({ hops: 65 })).toThrow('path.hops');
  expect(() => checkPath({ forward: { rateBps: 1 } })).toThrow('rateBps');
  expect(() => checkPath({})).not.toThrow();
});

test('a path has one router by default', () => {
  expect(hopsOf({})).toEqual([{}]);
  expect(hopsOf({ hops: 3 })).toHaveLength(3);
  expect(hopsOf({ hops: [] })).toEqual([]);
});

test('targets are distinct addresses of the routed networks', () => {
  const four = targetAddresses(1000);
  expect(new Set(four).size).toBe(1000);
  expect([four[0], four[253], four[254]]).toEqual(['10.210.0.1', '10.210.0.254', '10.210.1.1']);
  expect(targetAddresses(2, 6)).toEqual(['fd00:210::1', 'fd00:210::2']);
  expect(() => targetAddresses(70_000)).toThrow('targets: 70000');
});
