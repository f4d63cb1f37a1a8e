import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredResult } from '../../result-store.ts';
import { storeErrorOf } from '../../store-error.ts';
import { SeqRanges } from '../intake/seq-ranges.ts';
import { Parts } from '../parts.test-data.ts';
import { checkFiles } from './check-files.ts';
import { DamageLog } from './damage-log.ts';
import { DamageNotes, isDamage } from './damaged.ts';
import { type Answers, ask, FILES, type File, flipped, makeFixture, resultOf } from './flips.test-data.ts';
import { tablesOf } from './tables.ts';

/** A seed, or some: `21-40`. Each draws its own flips. */
const SEEDS = seedsIn(process.env.NETSONDE_TEST_SEED ?? '1');
/** Pages of no table of ours are `''`: the schema, the maps of pages and the free list. */
const TABLES: readonly (readonly [File, string])[] = FILES.flatMap((file) =>
  [...tablesOf(file), ''].map((table) => [file, table] as const),
);

/** A flip that hits a free byte proves nothing: so many are made in each table. */
const FLIPS = 3;
const NEXT = 2000;

let folder: string;
let fixture: string;
let truth: Answers;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-flips-'));
  fixture = makeFixture(folder);
  const parts = new Parts(fixture);
  truth = ask(parts);
  parts.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers from 0 to 1 from a seed (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const keyOf = ({ agent, epoch, record }: StoredResult): string => `${agent}/${epoch}/${record.seq}`;

/** Each result is a true one, once; one without its detail says so. */
function assertTrue(found: readonly StoredResult[], allowed: ReadonlyMap<string, StoredResult>): void {
  expect(new Set(found.map(keyOf)).size).toBe(found.length);
  for (const { lacksDetail, ...result } of found) {
    const { detail: _, ...bare } = allowed.get(keyOf(result))?.record ?? {};
    const expected = lacksDetail ? { ...result, record: bare } : allowed.get(keyOf(result));
    if (!isDeepStrictEqual(result, expected)) expect(result).toEqual(expected);
  }
}

/** An answer is the true one, or something of it is said to be missing. */
function assertSaid(answers: Answers, log: DamageLog): void {
  const byKey = new Map(truth.all.map((one) => [keyOf(one), one]));
  assertTrue(answers.all, byKey);
  assertTrue(answers.newest, byKey);
  assertTrue(answers.latest, byKey);
  const said = log.of({ checks: [1] });
  const missing = truth.all.length - answers.all.length;
  if (missing > 0) expect(said?.resultsAtMost ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(missing);
  if (missing > 0) expect(said).not.toBeNull();
  if (answers.all.some(({ lacksDetail }) => lacksDetail)) expect(said?.details).toBeGreaterThan(0);
  for (const question of ['newest', 'latest', 'each', 'buckets'] as const)
    if (!isDeepStrictEqual(answers[question], truth[question]) && said === null)
      expect(answers[question]).toEqual(truth[question]);
  const points = new Set(
    truth.each.lines.flatMap((line) => line.at.map((at, i) => `${line.target} ${at} ${line.value[i]}`)),
  );
  for (const line of answers.each.lines)
    for (const [i, at] of line.at.entries()) expect(points).toContain(`${line.target} ${at} ${line.value[i]}`);
  const figures = { ledger: ['ledger'], refusals: ['refusals'], unplanned: ['refusals'], arrivals: ['rate'] } as const;
  for (const [question, of] of Object.entries(figures) as [keyof typeof figures, ['ledger']][])
    if (!isDeepStrictEqual(answers[question], truth[question]) && log.countsOf(of, {}) === null)
      expect(answers[question]).toEqual(truth[question]);
  // What was never received is never taken for received.
  const known = new SeqRanges(truth.received);
  for (const [from, to] of answers.received) expect(known.within(from, to)).toEqual([[from, to]]);
  if (!isDeepStrictEqual(answers.received, truth.received)) expect(log.summary).not.toEqual([]);
}

/** Runs a step that may meet a damaged page. @returns false where it did; whatever else fails is thrown. */
function survives(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

function lookAt(parts: Parts): { answers: Answers; log: DamageLog } {
  const log = new DamageLog();
  const notes = new DamageNotes();
  for (const _ of checkFiles(parts.intake, parts.results, notes));
  log.add(notes.take());
  const answers = ask(parts);
  log.add([...parts.snapshot.notes.take(), ...parts.writer.notes.take()]);
  return { answers, log };
}

/** Everything that happens to a folder with one flipped bit. */
function live(at: string, file: File): 'refused' | 'unseen' | 'said' {
  let parts: Parts;
  try {
    parts = new Parts(at);
  } catch (error) {
    expect(storeErrorOf(error, '?')).toMatchObject({ code: 'corrupt', message: expect.stringContaining(file) });
    return 'refused';
  }
  try {
    const before = lookAt(parts);
    assertSaid(before.answers, before.log);
    for (const { file: named } of before.log.summary) expect(named).toBe(file);
    const isStored = survives(() => parts.send([resultOf(NEXT), resultOf(0)]));
    for (const work of ['fold', 'trim', 'merge', 'merge all'] as const) survives(() => parts.work(work));
    const after = lookAt(parts);
    const fresh = after.answers.all.filter(({ record }) => record.seq === NEXT);
    expect(fresh.map(({ record }) => record)).toEqual(isStored ? [resultOf(NEXT)] : []);
    const readable = new Set(after.answers.all.map(keyOf));
    for (const one of before.answers.all)
      if (!readable.has(keyOf(one))) expect(after.log.of({ checks: [1] })).not.toBeNull();
    assertTrue(
      after.answers.all.filter(({ record }) => record.seq !== NEXT),
      new Map(truth.all.map((one) => [keyOf(one), one])),
    );
    return before.log.summary.length === 0 ? 'unseen' : 'said';
  } finally {
    parts.close();
  }
}

function seedsIn(word: string): readonly number[] {
  const [first = 1, last = first] = word.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe.each(TABLES)('a bit of %s, table %s', (file, table) => {
  test('each answer is true or says what is missing, the damage is named, and the rest works', {
    timeout: 30_000 * SEEDS.length,
  }, () => {
    for (const seed of SEEDS) {
      const draw = drawing(seed * 1000 + TABLES.findIndex(([of, name]) => of === file && name === table));
      for (let flip = 0; flip < FLIPS; flip += 1) flipAndLive(file, table, seed, draw);
    }
  });
});

function flipAndLive(file: File, table: string, seed: number, draw: () => number): void {
  const at = mkdtempSync(join(folder, 'flipped-'));
  const where = flipped(fixture, at, file, table, draw);
  try {
    live(at, file);
  } catch (error) {
    throw new Error(`seed ${seed}, ${where}`, { cause: error });
  }
  rmSync(at, { recursive: true });
}
