import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keeps, readJsonCondition } from './json-path.ts';

const document = { a: { b: [{ c: 7 }, null], 'd e': 'text', f: '12' }, list: [1, 2], flag: false, nothing: null };

test.each([
  ['a.b[0].c = 7', true],
  ['a.b[0].c=8', false],
  ['$.a.b[0].c != 8', true],
  ['a.b[0].c > 6.5', true],
  ['a.b[0].c <= 6', false],
  ['a["d e"] = text', true],
  ['a["d e"] = "text"', true],
  ['a.f = 12', true],
  ['a.b[1] = null', true],
  ['flag = false', true],
  ['flag', true],
  ['nothing', true],
  ['missing', false],
  ['missing != 1', false],
  ['list = [1,2]', true],
  ['list[2]', false],
  ['list.length', false],
  ['a.toString', false],
  ['__proto__.x', false],
])('%s: %s', (text, expected) => {
  const condition = readJsonCondition(text);
  if (condition === null) throw new Error(`${text} was not read`);
  expect(keeps(condition, document)).toBe(expected);
});

test.each(['', ' ', '= 3', 'a..b', 'a[x]', 'a b', 'a[', 'a.', '[0'])('refuses %j', (text) => {
  expect(readJsonCondition(text)).toBeNull();
});

test('reads any text to a condition or to null, and judges any document', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (text, value) => {
      const condition = readJsonCondition(text);
      if (condition !== null) expect(typeof keeps(condition, value)).toBe('boolean');
    }),
  );
});

test('finds each leaf of a document by its own path', () => {
  const key = fc.stringMatching(/^[a-z]{1,6}$/);
  fc.assert(
    fc.property(key, fc.nat(5), fc.integer(), (name, index, value) => {
      const condition = readJsonCondition(`${name}[${index}] = ${value}`);
      const list = Array.from({ length: index + 1 }, () => value);
      expect(condition !== null && keeps(condition, { [name]: list })).toBe(true);
    }),
  );
});
