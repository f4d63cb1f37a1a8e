import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loremSentences } from './lorem.ts';

test('as many sentences as asked for, each with a capital, words and a full stop', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (count) => {
      const text = loremSentences(count, Math.random);
      const sentences = text.split(/(?<=\.) /);
      expect(sentences).toHaveLength(count);
      for (const sentence of sentences) {
        expect(sentence).toMatch(/^[A-Z][a-z]*(,? [a-z]+){5,13}\.$/);
        expect(sentence.length).toBeLessThan(200);
      }
    }),
  );
});

test('two runs make up different text', () => {
  expect(loremSentences(3, Math.random)).not.toBe(loremSentences(3, Math.random));
});
