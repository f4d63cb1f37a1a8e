import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareDecimals } from './decimal.ts';
import { judgeJson, readJsonCondition } from './json-condition.ts';
import { findInJson } from './json-scan.ts';

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
  expect(judgeJson(condition, JSON.stringify(document))?.met).toBe(expected);
});

test.each(['', ' ', '= 3', 'a..b', 'a[x]', 'a b', 'a[', 'a.', '[0'])('refuses %j', (text) => {
  expect(readJsonCondition(text)).toBeNull();
});

test('reads any text to a condition or to null, and judges any document', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (text, value) => {
      const condition = readJsonCondition(text);
      if (condition !== null) expect(typeof judgeJson(condition, JSON.stringify(value))?.met).toBe('boolean');
    }),
  );
});

test('finds each leaf of a document by its own path', () => {
  const key = fc.stringMatching(/^[a-z]{1,6}$/);
  fc.assert(
    fc.property(key, fc.nat(5), fc.integer(), (name, index, value) => {
      const condition = readJsonCondition(`${name}[${index}] = ${value}`);
      const list = Array.from({ length: index + 1 }, () => value);
      expect(condition !== null && judgeJson(condition, JSON.stringify({ [name]: list }))?.met).toBe(true);
    }),
  );
});

test('reads documents exactly as JSON.parse does, whether sound or not', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\u0061"',
    '1',
    '-0.5e3',
    '01',
    'true',
    'nul',
    ' ',
    '"',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    fc.json(),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(['a'], ['a', 'b'], ['a', 0], [1]), (json, path) => {
      let expected: unknown = 'not JSON';
      try {
        let value: unknown = JSON.parse(json);
        for (const step of path) {
          const isFit =
            typeof value === 'object' && value !== null && (!Array.isArray(value) || typeof step === 'number');
          value = isFit && Object.hasOwn(value as object, step) ? (value as Record<string, unknown>)[step] : undefined;
        }
        expected = value === undefined ? 'absent' : JSON.stringify(value);
      } catch {}
      const found = findInJson(json, path);
      if (found.kind === 'value') expect(JSON.stringify(JSON.parse(found.text))).toBe(expected);
      else expect(found.kind === 'not_json' ? 'not JSON' : found.kind).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a = 9007199254740993', '{"a":9007199254740992}', false],
  ['a = 9007199254740993', '{"a":9007199254740993}', true],
  ['a > 9007199254740992', '{"a":9007199254740993}', true],
  ['a != 12345678901234567890', '{"a":12345678901234567891}', true],
  ['a = 1', '{"a":1.0}', true],
  ['a = 100', '{"a":1e2}', true],
  ['a < 0', '{"a":-0.0}', false],
  ['a < -1', '{"a":-1.0000000000000000000001}', true],
  ['a > 1', '{"a":1e400}', true],
  ['a = 2', '{"a":1,"a":2}', true],
  ['a.b', '{"a":{"b":1},"a":{}}', false],
])('%s of %s: %s', (text, json, expected) => {
  const condition = readJsonCondition(text);
  expect(condition !== null && judgeJson(condition, json)?.met).toBe(expected);
});

test.each([
  ['a < 8', '{"a":"7"}', 'it is a text, not a number'],
  ['a < 8', '{"a":9}', 'it is 9'],
  ['a', '{}', 'there is no such value'],
  ['a', '{"a":', 'the body is not JSON'],
])('says of %s in %s what is there instead', (text, json, why) => {
  const condition = readJsonCondition(text);
  expect(condition === null ? null : judgeJson(condition, json)).toEqual({ met: false, why });
});

test('compares decimals in the order of their values', () => {
  expect(compareDecimals('-5', '-5.0')).toBe(0);
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(number, number, (one, other) => {
      expect(Math.sign(compareDecimals(String(one), String(other)))).toBe(Math.sign(one === other ? 0 : one - other));
    }),
  );
});

test('leaves a document open that is nested deeper than the bound', () => {
  const condition = readJsonCondition('a');
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect(condition === null ? '' : judgeJson(condition, deep(1000))).toEqual({
    met: false,
    why: 'there is no such value',
  });
  expect(condition === null ? '' : judgeJson(condition, deep(1001))).toBeNull();
  expect(condition === null ? '' : judgeJson(condition, '['.repeat(4_000_000))).toBeNull();
});
