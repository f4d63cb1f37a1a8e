import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf } from './line-name-parts.ts';

it('the parts of addresses that differ are kept apart from equal beginnings and ends', () => {
  const parts = partsOf(['10.99.0.1:8080', '10.99.0.2:8080', '10.99.0.2:8080']);
  expect(parts('10.99.0.1:8080')).toEqual({ head: '10.99.0.', own: '1', tail: ':8080' });
  expect(parts('10.99.0.2:8080')).toEqual({ head: '10.99.0.', own: '2', tail: ':8080' });
});

it('a single text is common as a whole', () => {
  expect(partsOf(['berlin', 'berlin'])('berlin')).toEqual({ head: 'berlin', own: '', tail: '' });
});

it('no character counts for the beginning and the end at once', () => {
  const parts = partsOf(['aa', 'aaa']);
  expect([parts('aa'), parts('aaa')].map(({ head, own, tail }) => [head, own, tail])).toEqual([
    ['aa', '', ''],
    ['aa', 'a', ''],
  ]);
});

it('the parts of each text join to the whole, and their own parts differ', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 6 }), (texts) => {
      const parts = partsOf(texts);
      const found = texts.map(parts);
      expect(found.map(({ head, own, tail }) => head + own + tail)).toEqual(texts);
      expect(new Set(found.map(({ own }) => own)).size).toBe(texts.length);
    }),
  );
});
