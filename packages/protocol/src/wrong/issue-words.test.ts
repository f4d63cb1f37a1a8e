import { expect, test } from 'vitest';
import { z } from 'zod';
import { givenInstantSchema } from '../api/common.ts';
import { nameSchema } from '../name.ts';
import { agentMessageSchema } from '../session/messages.ts';
import { issueWords } from './issue-words.ts';
import { wrongFields, wrongInWords } from './wrong-fields.ts';

function wordsFor(schema: z.ZodType, value: unknown): string {
  const { error } = schema.safeParse(value, { error: issueWords });
  if (error === undefined) throw new Error(`accepted ${JSON.stringify(value)}`);
  return wrongInWords(wrongFields(error));
}

const choice = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('all') }),
  z.strictObject({ by: z.literal('any'), count: z.int().min(1) }),
]);
const value = z.union([z.number(), z.string().max(2), z.boolean()]);

const CASES: readonly (readonly [z.ZodType, unknown, string])[] = [
  [nameSchema, '', 'is empty: give a text of 1 to 100 characters'],
  [nameSchema, undefined, 'is missing: give a text of 1 to 100 characters'],
  [nameSchema, null, 'is null: give a text of 1 to 100 characters'],
  [nameSchema, 3, 'is a number: give a text of 1 to 100 characters'],
  [nameSchema, 'x'.repeat(101), 'is too long: give a text of 1 to 100 characters'],
  [z.string(), [], 'is a list: give a text'],
  [z.string().min(10), 'short', 'is too short: give a text of 10 characters or more'],
  [z.number().min(0.1).max(5), 9, 'is too large: give a number from 0.1 to 5'],
  [z.number().max(5), 9, 'is too large: give a number, 5 at most'],
  [z.number().positive(), 0, 'is too small: give a number above 0'],
  [z.number().positive().max(5), 9, 'is too large: give a number above 0, 5 at most'],
  [z.number(), 'x', 'is a text: give a number'],
  [z.number(), Number.NaN, 'is no finite number: give a number'],
  [z.int(), 1.5, 'is no whole number: give a whole number'],
  [z.int().positive(), 0, 'is too small: give a whole number, 1 or more'],
  [z.boolean(), 'yes', 'is a text: give true or false'],
  [z.array(z.int()).min(1).max(3), [], 'is empty: give a list of 1 to 3 items'],
  [z.array(z.int()).max(1), [1, 2], 'is too long: give a list of 1 items at most'],
  [z.enum(['viewer', 'admin']), 'king', 'is "king": give one of "viewer", "admin"'],
  [z.enum(['viewer', 'admin']), undefined, 'is missing: give one of "viewer", "admin"'],
  [z.literal('icmp'), 'tcp', 'is "tcp": give "icmp"'],
  [choice, { by: 'fate' }, 'by: is "fate": give one of "all", "any"'],
  [choice, { by: 'any', count: 0 }, 'count: is too small: give a whole number, 1 or more'],
  [value, null, 'is null: give a number, or a text of 2 characters at most, or true or false'],
  [value, 'long', 'is too long: give a text of 2 characters at most'],
  [z.strictObject({}), { x: 1, y: 2 }, 'x: unknown field: leave it out; y: unknown field: leave it out'],
  [z.strictObject({}), null, 'is null: give an object'],
  [z.record(z.string(), z.int()), 3, 'is a number: give an object'],
  [
    givenInstantSchema,
    'soon',
    'give an instant as 2027-01-31T08:00:00Z, or with an offset as 2027-01-31T10:00:00+02:00',
  ],
  [z.string().regex(/^a$/), 'b', 'is not written in the form that is taken here'],
  [z.string().regex(/^a$/, 'write an a'), 'b', 'write an a'],
];

test.each(CASES.map(([schema, wrong, words]) => [words, wrong, schema] as const))('%s', (words, wrong, schema) => {
  expect(wordsFor(schema, wrong)).toBe(words);
});

test('an instant without its zone, or on no day, is refused; one with an offset is taken', () => {
  expect(givenInstantSchema.parse('2027-01-01T00:00:00+02:00')).toBe('2027-01-01T00:00:00+02:00');
  for (const wrong of ['2027-01-01T00:00:00', '2027-02-30T00:00:00Z', '2027-01-01T00:00:00+25:00', '2027-01-01', ''])
    expect(wordsFor(givenInstantSchema, wrong)).toMatch(/instant/);
  expect(wordsFor(givenInstantSchema, undefined)).toMatch(/^is missing: give an instant as /);
});

test('a wrong message of an agent is described without repeating what may be secret', () => {
  const words = wordsFor(agentMessageSchema, { type: 'proof', signature: 4711, epoch: -1 });
  expect(words).toContain('signature: is a number: give a text in base64url');
  expect(words).toContain('epoch: is too small: give a whole number, 0 or more');
  expect(words).not.toMatch(/4711|expected|received|✖|→/);
});
