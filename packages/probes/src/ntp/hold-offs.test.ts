import { expect, test } from 'vitest';
import { HoldOffs, kissOf } from './hold-offs.ts';

const S = 1000;

test('each RATE doubles the hold-off, up to an hour', () => {
  const holdOffs = new HoldOffs();
  const held = [];
  for (let nowMs = 0, runs = 0; runs < 9; runs += 1) {
    holdOffs.note('a:123', 'RATE', nowMs);
    const leftMs = holdOffs.of('a:123', nowMs)?.leftMs ?? 0;
    held.push(leftMs / S);
    nowMs += leftMs;
    expect(holdOffs.of('a:123', nowMs)).toBeNull();
  }
  expect(held).toEqual([64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]);
});

test('runs with the time shorten it again step by step, and then it is gone', () => {
  const holdOffs = new HoldOffs();
  holdOffs.note('a:123', 'RATE', 0);
  holdOffs.note('a:123', 'RATE', 64 * S);
  holdOffs.note('a:123', null, 300 * S);
  expect(holdOffs.of('a:123', 300 * S)).toEqual({ kiss: 'RATE', leftMs: 64 * S });
  holdOffs.note('a:123', null, 400 * S);
  expect(holdOffs.of('a:123', 400 * S)).toBeNull();
});

test.each(['DENY', 'RSTR'] as const)('%s holds for a day, and for that server alone', (kiss) => {
  const holdOffs = new HoldOffs();
  holdOffs.note('a:123', kiss, 0);
  expect(holdOffs.of('a:123', 86_399 * S)).toEqual({ kiss, leftMs: S });
  expect(holdOffs.of('a:123', 86_400 * S)).toBeNull();
  expect(holdOffs.of('b:123', 0)).toBeNull();
});

test('only DENY, RSTR and RATE of stratum 0 ask for anything', () => {
  expect(kissOf({ stratum: 0, reference: 'RATE' })).toBe('RATE');
  for (const reference of ['INIT', 'STEP', '', 'XABC', 'rate']) expect(kissOf({ stratum: 0, reference })).toBeNull();
  expect(kissOf({ stratum: 1, reference: 'RATE' })).toBeNull();
});
