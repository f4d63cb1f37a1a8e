import { dropSchema, missedRecordSchema, type RunRecord, runRecordSchema } from '@netsonde/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyRun } from '../../records.test-data.ts';
import { dropFault, missedFault } from './loss-record.ts';
import type { Fields } from './parts.ts';
import { runFault } from './run-record.ts';
import { vocabularyOf } from './vocabulary.ts';

const words = vocabularyOf({});

/** Values that are wrong nearly everywhere, and some that are right here and there. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'up',
    'timeout',
    'run',
    'x'.repeat(700),
    'y'.repeat(5000),
    [],
    {},
    [null],
    [1],
    ['loop_delayed'],
    { a: 1 },
  ),
  fc.jsonValue() as fc.Arbitrary<unknown>,
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

/** The record with one place replaced, taken away, or given a strange neighbour. */
function spoil(record: unknown, path: Path, how: 'replace' | 'remove' | 'add', by: unknown): unknown {
  const copy = structuredClone(record) as Record<string | number, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  const last = path.at(-1);
  if (last === undefined) return copy;
  if (how === 'replace') place[last] = by;
  else if (how === 'remove') delete place[last];
  else place.strange = by;
  return JSON.parse(JSON.stringify(copy));
}

const spoiled = <T extends object>(records: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  records.chain((record) =>
    fc
      .tuple(
        fc.constantFrom(...pathsOf(record)),
        fc.constantFrom('replace' as const, 'remove' as const, 'add' as const),
        odd,
      )
      .map(([path, how, by]) => spoil(record, path, how, by)),
  );

/** Beyond the schema: instants after the year 17,000 and nesting beyond 100 levels, which no arbitrary here makes; the key __proto__. */
const withoutProto = (value: unknown): boolean => !JSON.stringify(value).includes('__proto__');

describe('the hand-written checks agree with the protocol’s schema', () => {
  test('on sound results', () => {
    fc.assert(
      fc.property(anyRun(), (record) => {
        expect(runRecordSchema.safeParse(record).success).toBe(true);
        expect(runFault(record as unknown as Fields, words, undefined)).toBeNull();
      }),
    );
  });

  test('on results with one thing wrong', () => {
    fc.assert(
      fc.property(spoiled(anyRun()).filter(withoutProto), (record) => {
        const bySchema = runRecordSchema.safeParse(record);
        const fault = runFault(record as Fields, words, undefined);
        if ((record as Fields).t !== 'run') return;
        expect([fault === null, fault]).toEqual([bySchema.success, fault]);
        if (fault !== null && !bySchema.success)
          expect(bySchema.error.issues.some(({ path }) => path.length === 0 || fault.startsWith(String(path[0])))).toBe(
            true,
          );
      }),
      { numRuns: 3000 },
    );
  });

  test('on missed records and drops', () => {
    const missed = fc.constant({
      t: 'missed',
      seq: 1,
      check: 2,
      target: 3,
      from: 4,
      to: 5,
      count: 6,
      reason: 'overlap',
    });
    fc.assert(
      fc.property(spoiled(missed), (record) => {
        if ((record as Fields).t === 'missed')
          expect(missedFault(record as Fields, words) === null).toBe(missedRecordSchema.safeParse(record).success);
      }),
      { numRuns: 1000 },
    );
    const drop = fc.constant({
      fromSeq: 1,
      toSeq: 5,
      reason: 'torn',
      count: 3,
      runs: [{ check: 1, target: 1, count: 3, from: 5, to: 6 }],
    });
    fc.assert(
      fc.property(spoiled(drop), (record) => {
        expect(dropFault(record, words) === null).toBe(dropSchema.safeParse(record).success);
      }),
      { numRuns: 1000 },
    );
  });

  test('a value too large to be a number, deep nesting and far instants are refused with their field', () => {
    const record: RunRecord = {
      t: 'run',
      seq: 0,
      check: 1,
      target: 1,
      at: 1,
      late: 0,
      took: 0,
      verdict: 'up',
      metrics: {},
      absent: {},
      stamps: { kernel: 0, process: 0 },
    };
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as never;
    expect(runFault({ ...record, detail: { deep } }, words, undefined)).toMatch(/^detail/);
    expect(runFault({ ...record, detail: { far: JSON.parse('1e999') as number } }, words, undefined)).toMatch(
      /^detail\.far/,
    );
    expect(runFault({ ...record, metrics: { a: JSON.parse('1e999') as number } }, words, undefined)).toMatch(
      /^metrics\.a/,
    );
    expect(runFault({ ...record, at: 2 ** 52 }, words, undefined)).toMatch(/^at/);
  });
});
