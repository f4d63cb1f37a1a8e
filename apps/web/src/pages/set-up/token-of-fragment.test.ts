import { expect, it } from 'vitest';
import { tokenOfFragment } from './token-of-fragment.ts';

it.each([
  ['#token=abc-DEF_1', 'abc-DEF_1'],
  ['#abc', 'abc'],
  ['', ''],
  ['#', ''],
  ['#other=1', ''],
])('%s holds %s', (fragment, token) => {
  expect(tokenOfFragment(fragment)).toBe(token);
});
