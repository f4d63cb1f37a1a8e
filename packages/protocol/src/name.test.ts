import { expect, test } from 'vitest';
import { nameFault, nameSchema, toName } from './name.ts';

test.each(['a', 'Büro 3', 'لندن', 'ベルリン', '❤️', 'x'.repeat(100), 'a-b_c.d (e)/f'])('%j is a name', (name) => {
  expect(nameSchema.parse(name)).toBe(name);
  expect(nameFault(name)).toBeNull();
  expect(toName(name)).toBe(name);
});

test('blanks around a name are left out', () => {
  expect(nameSchema.parse('  berlin\u3000\u00a0')).toBe('berlin');
});

test.each([
  ['a line break', 'a\nb'],
  ['a NUL', 'a\0b'],
  ['an escape sequence', '\u001b[31mred'],
  ['a C1 control character', 'a\u009bb'],
  ['half a character', 'a\ud800'],
  ['a right-to-left override', 'a\u202ecba'],
  ['a left-to-right mark', 'a\u200e'],
  ['an Arabic letter mark', 'a\u061c'],
  ['a bidirectional isolate', '\u2066a\u2069'],
  ['a zero-width space', 'ad\u200bmin'],
  ['a zero-width joiner', 'ad\u200dmin'],
  ['a word joiner', 'ad\u2060min'],
  ['a byte order mark within', 'ad\ufeffmin'],
  ['a soft hyphen', 'ad\u00admin'],
  ['a line separator', 'a\u2028b'],
  ['a Hangul filler', '\u3164'],
  ['a tag character', 'a\u{e0041}'],
  ['a blank Braille pattern', '\u2800'],
])('%s is refused in a name, and left out of a text that becomes one', (_what, text) => {
  expect(nameSchema.safeParse(text).success).toBe(false);
  expect(nameFault(text)).toMatch(/leave them out/);
  const name = toName(text);
  expect(name === '' || nameFault(name) === null).toBe(true);
});

test.each([
  ['', 'is empty'],
  [' \u00a0\t', 'is empty'],
  ['x'.repeat(101), 'has more than 100 characters'],
])('%j has a fault that says what is wrong', (text, fault) => {
  expect(nameFault(text)).toBe(fault);
});
