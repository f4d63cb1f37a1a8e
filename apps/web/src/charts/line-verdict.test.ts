import { expect, it } from 'vitest';
import { lineVerdict } from './line-verdict.ts';

const line = { at: [1000, 2000], verdict: ['down', 'up'], notHeardAfterMs: 5000 } as const;

it('is the verdict of the newest result until that is too old, and unknown from then on', () => {
  expect(lineVerdict(line, null, 7000)).toEqual({ verdict: 'up', notHeardSinceMs: null });
  expect(lineVerdict(line, null, 7001)).toEqual({ verdict: 'unknown', notHeardSinceMs: 7000 });
});

it('counts the age of a bucket from its end', () => {
  expect(lineVerdict(line, 1000, 8000).verdict).toBe('up');
  expect(lineVerdict(line, 1000, 8001)).toEqual({ verdict: 'unknown', notHeardSinceMs: 8000 });
});

it('has no verdict without results, and keeps the last one of a check that is not judged', () => {
  expect(lineVerdict({ ...line, at: [], verdict: [] }, null, 7000).verdict).toBeNull();
  expect(lineVerdict({ ...line, notHeardAfterMs: undefined }, null, 1e9).verdict).toBe('up');
});
