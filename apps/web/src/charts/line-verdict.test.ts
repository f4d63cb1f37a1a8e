import { expect, it } from 'vitest';
import { lineVerdict } from './line-verdict.ts';

const line = { at: [1000, 2000], verdict: ['down', 'up'], notHeardAfterMs: 5000 } as const;

it('the verdict is that of the newest result until it is too old, then unknown', () => {
  expect(lineVerdict(line, null, 7000)).toEqual({ verdict: 'up', notHeardSinceMs: null });
  expect(lineVerdict(line, null, 7001)).toEqual({ verdict: 'unknown', notHeardSinceMs: 7000 });
});

it('the age of a bucket counts from its end', () => {
  expect(lineVerdict(line, 1000, 8000).verdict).toBe('up');
  expect(lineVerdict(line, 1000, 8001)).toEqual({ verdict: 'unknown', notHeardSinceMs: 8000 });
});

it('a line without results has no verdict, and one without a limit of age keeps the last', () => {
  expect(lineVerdict({ ...line, at: [], verdict: [] }, null, 7000).verdict).toBeNull();
  expect(lineVerdict({ ...line, notHeardAfterMs: undefined }, null, 1e9).verdict).toBe('up');
});
