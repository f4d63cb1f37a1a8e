import { expect, it } from 'vitest';
import { seriesSearch } from './series-search.ts';

it('the address names a verdict and ids, and what is not valid is left out', () => {
  expect(seriesSearch({ verdict: 'waiting', test: 3, agent: '7' })).toEqual({ verdict: 'waiting', test: 3, agent: 7 });
  expect(seriesSearch({ verdict: 'sideways', test: 'x', agent: -1, check: 1.5, other: 1 })).toEqual({});
});
