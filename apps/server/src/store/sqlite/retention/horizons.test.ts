import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import { Parts } from '../parts.test-data.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';
import { type Horizons, moveHorizons, readDeleted, readHorizons } from './horizons.ts';

const DAY_MS = 86_400_000;
const START = 19_000 * DAY_MS;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-horizons-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a horizon that a wrong clock moved comes back, and only what was hidden for a day is deleted', () => {
  const parts = Parts.make(folder, 'parts-');
  const level = (ms: number): Horizons => [ms, 0, 0, 0];
  const move = (nowMs: number, least: number, most = least, holdMs = DAY_MS) => {
    moveHorizons(parts.results, { least: level(least), most: level(most), holdMs, nowMs });
    return { hidden: readHorizons(parts.results)[0], deleted: readDeleted(parts.results)[0] };
  };
  const ahead = START + 150 * DAY_MS;
  expect(move(START, START)).toEqual({ hidden: START, deleted: 0 });
  expect(move(START + DAY_MS, START)).toEqual({ hidden: START, deleted: START });
  // Ahead for less than a day, however certain it seems.
  expect(move(ahead, ahead)).toEqual({ hidden: ahead, deleted: START });
  expect(move(ahead + DAY_MS / 2, ahead)).toEqual({ hidden: ahead, deleted: START });
  expect(move(START + 2 * DAY_MS, START + DAY_MS)).toEqual({ hidden: START + DAY_MS, deleted: START });
  expect(move(START + 3 * DAY_MS, START + 2 * DAY_MS)).toEqual({ hidden: START + 2 * DAY_MS, deleted: START + DAY_MS });
  // The least time is not known: nothing new is hidden.
  expect(move(ahead, 0, ahead)).toMatchObject({ hidden: START + 2 * DAY_MS });
  // A disk that is short holds nothing.
  expect(move(ahead, START + 5 * DAY_MS, ahead, 0)).toEqual({
    hidden: START + 5 * DAY_MS,
    deleted: START + 5 * DAY_MS,
  });
  parts.close();
});

test('a store whose clock is ahead but not certain deletes nothing, and gives back what an earlier version hid', async () => {
  const now = START + 10 * DAY_MS;
  const clock = { nowMs: now + 150 * DAY_MS, leastMs: null as number | null };
  const open = () =>
    openSqliteResultStore({
      folder,
      catalog: SUITE_CATALOG,
      fold: { tickEveryMs: 20 },
      retention: { raw: 5, '5min': 20, '1h': 30, '1d': 40 },
      clock: { now: () => clock.nowMs, least: () => clock.leastMs },
    });
  let store = await open();
  await store.setChecks([{ check: 1, probe: 'sonar' }]);
  const ingest = (seq: number, at: number) =>
    store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, [run(seq, { at })]), receivedMs: now });
  await ingest(0, now - DAY_MS);
  await store.compact();
  const seqs = async () => (await store.results({ checks: [1] }, 10)).map(({ record }) => record.seq).sort();
  await expect.poll(seqs).toEqual([0]);
  // The wrong time becomes certain, as one of a wrong time service: what it hides is held for a day.
  clock.leastMs = clock.nowMs;
  store.clockCorrected();
  await expect.poll(seqs, { timeout: 20_000 }).toEqual([]);
  await ingest(1, now);
  clock.nowMs = now + 1000;
  clock.leastMs = now;
  await store.close();
  store = await open();
  await expect.poll(seqs, { timeout: 20_000 }).toEqual(expect.arrayContaining([1]));
  await store.close();
});
