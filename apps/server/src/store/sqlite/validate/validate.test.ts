import { catalog, rangeOf } from '@netsonde/probes/catalog';
import {
  dropSchema,
  missedRecordSchema,
  NEWER_FIELDS,
  type RunRecord,
  runRecordSchema,
  WORD,
} from '@netsonde/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyRun } from '../../records.test-data.ts';
import { dropFault, missedFault } from './loss-record.ts';
import { withoutNewerFields } from './newer-fields.ts';
import type { Fields } from './parts.ts';
import { runFault } from './run-record.ts';
import { vocabularyOf } from './vocabulary.ts';

const words = vocabularyOf({});
/** Admits each word of the right shape. */
const anyWord = { fault: (word: string) => (WORD.test(word) ? null : 'must be a word') };
const faultOf = (record: unknown) => runFault(withoutNewerFields(record as Fields), words, anyWord, undefined);

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

const sound = {
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
} as const;

describe('the hand-written checks agree with the protocol’s schema', () => {
  test('on sound results', () => {
    fc.assert(
      fc.property(anyRun(), (record) => {
        expect(runRecordSchema.safeParse(record).success).toBe(true);
        expect(faultOf(record)).toBeNull();
      }),
    );
  });

  test('on results with one thing wrong', () => {
    fc.assert(
      fc.property(spoiled(anyRun()).filter(withoutProto), (record) => {
        const bySchema = runRecordSchema.safeParse(record);
        const fault = faultOf(record);
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
          expect(missedFault(record as Fields, words, anyWord) === null).toBe(
            missedRecordSchema.safeParse(record).success,
          );
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
        expect(dropFault(record, words, anyWord) === null).toBe(dropSchema.safeParse(record).success);
      }),
      { numRuns: 1000 },
    );
  });

  test('a value too large to be a number, deep nesting and far instants are refused with their field', () => {
    const record: RunRecord = sound;
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as never;
    expect(faultOf({ ...record, detail: { deep } })).toMatch(/^detail/);
    expect(faultOf({ ...record, detail: { far: JSON.parse('1e999') as number } })).toMatch(/^detail\.far/);
    expect(faultOf({ ...record, metrics: { a: JSON.parse('1e999') as number } })).toMatch(/^metrics\.a/);
    expect(faultOf({ ...record, at: 2 ** 52 })).toMatch(/^at/);
  });

  test('fields of a newer agent are kept in the detail, and those inside of fixed parts are left out', () => {
    const record = {
      ...sound,
      link: { carrier: 1 },
      finding: { cause: 'loss', side: 'path', operation: '', hint: 'x' },
    };
    expect(withoutNewerFields(record)).toEqual({
      ...sound,
      finding: { cause: 'loss', side: 'path', operation: '' },
      detail: { [NEWER_FIELDS]: { link: { carrier: 1 } } },
    });
    expect(withoutNewerFields(sound)).toBe(sound);
    expect(faultOf({ ...sound, detail: 3, link: 1 })).toMatch(/^detail/);
  });

  test('figures beyond any sense are refused with their field, and the limits of each range are not', () => {
    const words = vocabularyOf(catalog);
    const ofProbe = (probe: string, more: object) =>
      runFault({ ...sound, ...more }, words, anyWord, words.probes.get(probe));
    for (const [id, value] of [
      ['rtt_avg_ms', 1e308],
      ['rtt_avg_ms', -5],
      ['loss_pct', 1e9],
      ['loss_pct', -3],
      ['sent', -1],
    ] as const)
      expect(ofProbe('icmp', { metrics: { [id]: value } })).toMatch(new RegExp(`^metrics\\.${id}: must be `));
    expect(ofProbe('icmp', { samples: { rtts_ms: [1, null, -1] } })).toMatch(/^samples\.rtts_ms: must be 0 or more/);
    expect(ofProbe('icmp', { metrics: { invented: 1e300 } })).toMatch(/^metrics\.invented: must be /);
    expect(ofProbe('icmp', { samples: { invented: [-1e300] } })).toMatch(/^samples\.invented: must be /);
    expect(faultOf({ ...sound, took: 1e308 })).toMatch(/^took/);
    expect(faultOf({ ...sound, late: 1e308 })).toMatch(/^late/);
    expect(faultOf({ ...sound, took: 2 ** 49, late: 2 ** 49 })).toBeNull();
    for (const probe of Object.values(catalog))
      for (const metric of probe.metrics.filter(({ kind }) => kind === 'float' || kind === 'integer'))
        for (const value of [rangeOf(metric).least, rangeOf(metric).most])
          expect(ofProbe(probe.id, { metrics: { [metric.id]: value } })).toBeNull();
  });

  test('offsets of decades, certificates that have ended and a CDN that costs time are no faults', () => {
    const words = vocabularyOf(catalog);
    const ofProbe = (probe: string, more: object) =>
      runFault({ ...sound, ...more }, words, anyWord, words.probes.get(probe));
    const decades = 136 * 365 * 86_400_000;
    expect(
      ofProbe('ntp', {
        metrics: { offset_ms: -decades, delay_ms: -2 * decades },
        samples: { offsets_ms: [-decades, decades], delays_ms: [-1] },
      }),
    ).toBeNull();
    expect(ofProbe('tls', { metrics: { days_left: -20_000, chain_days_left: 3_000_000 } })).toBeNull();
    expect(ofProbe('http', { metrics: { cdn_time_saved_pct: -250, certificate_days_left: -1 } })).toBeNull();
    expect(ofProbe('icmp', { metrics: { r_factor: -12.5, mos: 1 } })).toBeNull();
  });

  test('verdicts are a closed list, words of other lists are not', () => {
    expect(faultOf({ ...sound, verdict: 'sideways' })).toMatch(/^verdict/);
    expect(faultOf({ ...sound, flags: ['on_battery'] })).toBeNull();
    expect(faultOf({ ...sound, absent: { rtt_avg_ms: 'too_dark' } })).toBeNull();
    expect(faultOf({ ...sound, flags: ['On Battery'] })).toMatch(/^flags\.0/);
  });
});
