import { expect, it } from 'vitest';
import { knowingWords, namesInWords } from './waiting-words.ts';

const named = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ id: place + 1, name: `a${place + 1}` }));

it('the words name the agents that do not know the new key', () => {
  expect(knowingWords([])).toBe('all know the new key');
  expect(knowingWords(named(1))).toBe('a1 does not know the new key yet');
  expect(knowingWords(named(2))).toBe('a1, a2 do not know the new key yet');
});

it('the words name eight agents, and counts the others', () => {
  expect(namesInWords(named(8))).toBe('a1, a2, a3, a4, a5, a6, a7, a8');
  expect(namesInWords(named(10))).toMatch(/a8 and 2 more$/);
});
