import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { SpoolCore, type SpoolTime } from './spool-core.ts';

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;
const GRID = { intervalMs: 1000, phaseMs: 0 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-clock-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (time: SpoolTime) =>
  new SpoolCore(folder, { ...defaultLimits(folder), maxAgeMs: HOUR }, time, { kept() {}, lost() {}, warn() {} });

function run(core: SpoolCore, seq: number, at: number): void {
  const json = JSON.stringify({ seq, t: 'run', check: 1, target: 1, at, late: 0, grid: GRID });
  core.append([{ seq, check: 1, target: 1, from: at, to: at, count: 1, json }]);
}

const instants = (core: SpoolCore) =>
  core.read({ epoch: 0, seq: 0 }, Number.MAX_SAFE_INTEGER, 1e6).records.map(({ json }) => JSON.parse(json));

test('records of a clock that was wrong are dated again when it is anchored, those of an earlier process of the boot too', () => {
  const wrong = NOW - 30 * 24 * HOUR;
  const first = open({ nowMs: wrong, line: { boot: 'b', aheadMs: wrong } });
  run(first, 0, wrong + 1000);
  // Nothing is dropped for its age before it is known.
  first.tick(NOW, NOW);
  expect(first.status().records).toBe(1);
  first.close(wrong + 2000);
  const second = open({ nowMs: wrong + 5000, line: { boot: 'b', aheadMs: wrong } });
  expect(second.cursors()).toEqual([]);
  run(second, 0, wrong + 6000);
  second.anchored({ beforeSeq: 1, byMs: NOW - wrong, boot: 'b', aheadMs: NOW, startMs: NOW + 5000 });
  run(second, 1, NOW + 7000);
  second.tick(NOW + 7000, NOW + 7000);
  expect(instants(second).map(({ at, grid, flags }) => [at, grid, flags])).toEqual([
    [NOW + 1000, undefined, undefined],
    [NOW + 6000, undefined, undefined],
    [NOW + 7000, undefined, undefined],
  ]);
  expect(second.cursors()).toEqual([[1, 1, NOW + 7000]]);
  second.close(NOW);
  const third = open({ nowMs: NOW + 9000, line: null });
  expect(instants(third).map(({ at }) => at)).toEqual([NOW + 1000, NOW + 6000, NOW + 7000]);
  expect(third.status().oldestAt).toBe(NOW + 1000);
  third.close(NOW);
});

test('records of an earlier boot keep their dates unless these are in the future, and are flagged', () => {
  const ahead = NOW + 150 * 24 * HOUR;
  const first = open({ nowMs: ahead, line: { boot: 'a', aheadMs: ahead } });
  run(first, 0, ahead);
  run(first, 1, ahead + 1000);
  first.close(ahead);
  const second = open({ nowMs: NOW, line: null });
  second.anchored({ beforeSeq: 0, byMs: 0, boot: 'b', aheadMs: NOW, startMs: NOW });
  const dated = instants(second);
  expect(dated.map(({ at }) => at)).toEqual([NOW - 1000, NOW]);
  expect(dated.map(({ flags }) => flags)).toEqual([['clock_unsure'], ['clock_unsure']]);
  expect(second.cursors()).toEqual([[1, 1, NOW]]);
  second.close(NOW);
});

test('a clock that is 20 days ahead for a moment, however certain, drops nothing for its age', () => {
  const core = open({ nowMs: NOW, line: null });
  run(core, 0, NOW);
  const ahead = NOW + 20 * 24 * HOUR;
  for (let tick = 0; tick < 4; tick += 1) core.tick(ahead, ahead);
  core.tick(NOW + 1000, NOW + 1000);
  expect(core.status()).toMatchObject({ records: 1, dropped: 0 });
  core.close(NOW);
});
