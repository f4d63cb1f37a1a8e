import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import type { Appended } from './segment-writer.ts';
import { SpoolCore } from './spool-core.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LIMITS = {
  maxBytes: 1 << 30,
  maxAgeMs: 1e12,
  heldMs: 0,
  minFreeBytes: 0,
  segmentBytes: 4096,
  memoryBytes: 1 << 20,
};
const SILENT = { kept: () => {}, lost: () => {}, warn: () => {} };
const open = (limits = {}) =>
  new SpoolCore(folder, { ...LIMITS, ...limits }, { nowMs: Date.now(), line: null }, SILENT);

const record = (seq: number, padding = 100): Appended => ({
  seq,
  check: 1 + (seq % 3),
  target: 5,
  from: 1000 + seq,
  to: 1000 + seq,
  count: 1,
  json: JSON.stringify({
    seq,
    t: 'run',
    check: 1 + (seq % 3),
    target: 5,
    at: 1000 + seq,
    padding: 'x'.repeat(padding),
  }),
});
const batch = (from: number, count: number, padding?: number) =>
  Array.from({ length: count }, (_, i) => record(from + i, padding));
const readAll = (core: SpoolCore) => {
  const { records, next } = core.read({ epoch: 0, seq: 0 }, Number.MAX_SAFE_INTEGER, 1 << 30);
  expect(next).toBeNull();
  return records;
};
const segments = () => readdirSync(folder).filter((file) => file.endsWith('.seg'));

test('CRC32C of the check string and of RFC 3720 B.4 vectors', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
});

test('stored records are read back in order, also by the next process, whose epoch is higher', () => {
  const first = open();
  first.append(batch(0, 100));
  expect(readAll(first).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  first.close(Date.now());
  const second = open();
  expect(second.epoch).toBeGreaterThan(first.epoch);
  second.append(batch(0, 10));
  expect(readAll(second).map(({ epoch, seq }) => [epoch, seq])).toEqual([
    ...Array.from({ length: 100 }, (_, i) => [first.epoch, i]),
    ...Array.from({ length: 10 }, (_, i) => [second.epoch, i]),
  ]);
  second.close(Date.now());
});

test('an epoch is never used twice, even where the clock goes back', () => {
  const first = new SpoolCore(folder, LIMITS, { nowMs: 5000, line: null }, SILENT);
  first.close(5000);
  const second = new SpoolCore(folder, LIMITS, { nowMs: 100, line: null }, SILENT);
  expect(second.epoch).toBe(5001);
  second.close(100);
});

test('acknowledged segments are unlinked whole, and their cursors are kept', () => {
  const core = open();
  core.append(batch(0, 100));
  const before = segments().length;
  expect(before).toBeGreaterThan(2);
  core.acknowledge(core.epoch, [[0, 60]]);
  expect(segments().length).toBeLessThan(before);
  expect(readAll(core)[0]?.seq).toBe(61);
  core.acknowledge(core.epoch, [[61, 99]]);
  core.close(Date.now());
  expect(segments()).toEqual([]);
  const next = open();
  expect(new Map(next.cursors().map(([check, , to]) => [check, to]))).toEqual(
    new Map([
      [1, 1099],
      [2, 1097],
      [3, 1098],
    ]),
  );
  next.close(Date.now());
});

test('records that are under way are not read again in the same session, but in the next', () => {
  const core = open();
  core.append(batch(0, 20));
  core.sent(core.epoch, [[0, 9]]);
  expect(readAll(core).map(({ seq }) => seq)[0]).toBe(10);
  core.session([]);
  expect(readAll(core)).toHaveLength(20);
  core.session([{ epoch: core.epoch, ranges: [[0, 4]] }]);
  expect(readAll(core)[0]?.seq).toBe(5);
  core.close(Date.now());
});

test('an acknowledgement of records that are not made yet has no effect on them', () => {
  const core = open();
  core.append(batch(0, 10));
  core.acknowledge(core.epoch, [[5, 1000]]);
  core.acknowledge(core.epoch + 1, [[0, 1000]]);
  core.append(batch(10, 5));
  expect(readAll(core).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 10, 11, 12, 13, 14]);
  core.close(Date.now());
});

test('the reported age is that of the oldest waiting record, not of its segment', () => {
  const core = open({ segmentBytes: 1 << 20 });
  expect(core.status().oldestAt).toBeNull();
  core.append(batch(0, 50));
  const oldest = () => core.status().oldestAt;
  expect([oldest(), segments().length]).toEqual([1000, 1]);
  core.acknowledge(core.epoch, [[10, 20]]);
  expect(oldest()).toBe(1000);
  core.acknowledge(core.epoch, [[0, 9]]);
  expect([oldest(), oldest()]).toEqual([1021, 1021]);
  core.append(batch(50, 5));
  expect(oldest()).toBe(1021);
  const index = join(folder, `${core.epoch}-0.idx`);
  truncateSync(index, 48 * 25);
  core.acknowledge(core.epoch, [[21, 39]]);
  expect(oldest()).toBe(1040);
  core.close(Date.now());
  const next = open();
  expect(next.status().oldestAt).toBe(1000);
  next.acknowledge(core.epoch, [[0, 41]]);
  expect(next.status().oldestAt).toBe(1042);
  next.acknowledge(core.epoch, [[42, 54]]);
  expect(next.status().oldestAt).toBeNull();
  next.close(Date.now());
});

test('beyond the byte limit the oldest records are dropped first, counted per check and target, also after a restart', () => {
  const core = open({ maxBytes: 20_000 });
  core.append(batch(0, 300));
  core.tick(2000, 2000);
  const held = readAll(core);
  const lost = 300 - held.length;
  expect(lost).toBeGreaterThan(100);
  expect(held[0]?.seq).toBe(lost);
  core.close(2000);
  const next = open();
  const drops = next.drops();
  expect(drops.map(({ drop }) => drop.reason)).toEqual(['spool_bytes']);
  const [only] = drops;
  expect(only?.drop).toMatchObject({ fromSeq: 0, toSeq: lost - 1, count: lost });
  expect(only?.drop.runs.reduce((sum, { count }) => sum + count, 0)).toBe(lost);
  next.acknowledge(core.epoch, [[0, lost - 1]]);
  expect(next.drops()).toEqual([]);
  next.close(2000);
});

test('records beyond the age limit are dropped and counted', () => {
  const core = open({ maxAgeMs: 1000 });
  core.append(batch(0, 50));
  core.tick(5000, 5000);
  expect(readAll(core)).toEqual([]);
  expect(core.status()).toMatchObject({ records: 0, dropped: 50, oldestAt: null });
  core.close(5000);
});

test('dropped records that may have reached the server are reported one by one, so that the server can tell', () => {
  const core = open({ maxAgeMs: 1000 });
  core.append(batch(0, 10));
  core.sent(core.epoch, [[0, 2]]);
  core.tick(5000, 5000);
  expect(core.drops().map(({ drop }) => [drop.fromSeq, drop.toSeq])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 9],
  ]);
  core.close(5000);
});

test('losses of many series are reported in pieces of at most 256, which name every series', () => {
  const core = open({ maxAgeMs: 1000 });
  core.append(Array.from({ length: 700 }, (_, i) => ({ ...record(i, 10), target: i + 1 })));
  core.tick(5000, 5000);
  const drops = core.drops();
  expect(drops.every(({ drop }) => drop.runs.length <= 256)).toBe(true);
  expect(drops.flatMap(({ drop }) => drop.runs)).toHaveLength(700);
  expect(drops.reduce((sum, { drop }) => sum + drop.count, 0)).toBe(700);
  expect(core.drops()).toEqual(drops);
  core.close(5000);
});

test('after a torn write at the end, whole records stay and the torn one is counted once', () => {
  const core = open();
  core.append(batch(0, 10));
  core.close(Date.now());
  const path = join(folder, segments()[0] as string);
  truncateSync(path, statSync(path).size - 20);
  const next = open();
  expect(readAll(next).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(next.drops().map(({ drop }) => drop)).toEqual([
    { fromSeq: 9, toSeq: 9, reason: 'torn', count: 1, runs: [{ check: 1, target: 5, count: 1, from: 1009, to: 1009 }] },
  ]);
  next.close(Date.now());
  const third = open();
  expect(third.drops()).toHaveLength(1);
  third.close(Date.now());
});

test('records in a segment damaged while the spool is open are counted once as lost, with their owner', () => {
  const core = open();
  core.append(batch(0, 100));
  const [first = '', second = ''] = segments().sort();
  truncateSync(join(folder, first), 1000);
  const bytes = readFileSync(join(folder, second));
  bytes[500] = (bytes[500] ?? 0) ^ 16;
  writeFileSync(join(folder, second), bytes);
  const held = readAll(core).map(({ seq }) => seq);
  const drops = core.drops().map(({ drop }) => drop);
  const lost = drops.flatMap(({ runs }) => runs).reduce((sum, { count }) => sum + count, 0);
  expect(new Set(drops.map(({ reason }) => reason))).toEqual(new Set(['torn', 'corrupt']));
  expect(lost).toBeGreaterThan(2);
  expect(held.length + lost).toBe(100);
  expect(readAll(core)).toHaveLength(held.length);
  expect(core.drops()).toHaveLength(drops.length);
  core.close(Date.now());
  const next = open();
  expect(next.drops().reduce((sum, { drop }) => sum + drop.count, 0)).toBe(lost);
  next.close(Date.now());
});

test('records of a segment removed while the spool is open are counted as lost, and later records are kept', () => {
  const core = open();
  core.append(batch(0, 100));
  const [first = '', ...others] = segments().sort(
    (a, b) => Number(/-(\d+)/.exec(a)?.[1]) - Number(/-(\d+)/.exec(b)?.[1]),
  );
  expect(others.length).toBeGreaterThan(1);
  rmSync(join(folder, first));
  const held = readAll(core).map(({ seq }) => seq);
  expect(held.at(-1)).toBe(99);
  const gone = 100 - held.length;
  expect(gone).toBeGreaterThan(2);
  expect(core.drops().reduce((sum, { drop }) => sum + drop.count, 0)).toBe(gone);
  core.append(batch(100, 10));
  expect(readAll(core).map(({ seq }) => seq)).toEqual([...held, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
  core.close(Date.now());
});

test('a folder that is missing for a moment, as on a disk that is attached again, has lost nothing', () => {
  const kept: number[] = [];
  const warnings: string[] = [];
  const core = new SpoolCore(
    folder,
    LIMITS,
    { nowMs: Date.now(), line: null },
    {
      ...SILENT,
      kept: (_, to) => void kept.push(to),
      warn: (message) => void warnings.push(message),
    },
  );
  core.append(batch(0, 100));
  const away = `${folder}-away`;
  renameSync(folder, away);
  expect(() => readAll(core)).toThrow(/ENOENT/);
  core.append(batch(100, 2));
  core.tick(5000, 5000);
  expect(core.status()).toMatchObject({ records: 102, oldestAt: 1000, dropped: 0 });
  expect(warnings).toEqual([
    expect.stringMatching(/^the disk takes no records .*; put .* back where it was, or start/),
  ]);
  renameSync(away, folder);
  core.tick(6000, 6000);
  expect(kept.at(-1)).toBe(101);
  expect(readAll(core).map(({ seq }) => seq)).toEqual(Array.from({ length: 102 }, (_, seq) => seq));
  core.close(6000);
});

test('a record is never written to a file that was removed', () => {
  const kept: number[] = [];
  const core = new SpoolCore(
    folder,
    LIMITS,
    { nowMs: Date.now(), line: null },
    { ...SILENT, kept: (_, to) => void kept.push(to) },
  );
  core.append(batch(0, 2));
  rmSync(join(folder, segments()[0] ?? ''));
  core.append(batch(2, 2));
  expect(kept).toEqual([1]);
  core.tick(5000, 5000);
  expect(kept).toEqual([1, 3]);
  expect(readAll(core).map(({ seq }) => seq)).toEqual([2, 3]);
  expect(core.drops().reduce((sum, { drop }) => sum + drop.count, 0)).toBe(2);
  core.close(Date.now());
});

test('losing a run that repeats an instant counts no scheduled run as lost', () => {
  const core = open({ maxAgeMs: 1000 });
  core.append([record(0), { ...record(1), count: 0 }, { ...record(2), count: 0 }, record(3)]);
  core.tick(5000, 5000);
  const [only] = core.drops();
  expect(only?.drop).toMatchObject({ fromSeq: 0, toSeq: 3, count: 2 });
  expect(only?.drop.runs.map(({ check, count }) => [check, count])).toEqual([[1, 2]]);
  expect(core.status().dropped).toBe(2);
  core.close(5000);
});

test('damage to any file of a segment loses at most the damaged records, and counts each with its owner or as unknown', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('.seg', '.idx'),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 0, max: 7 }),
      fc.boolean(),
      async (kind, where, bit, cut) => {
        rmSync(folder, { recursive: true, force: true });
        const core = open({ segmentBytes: 1 << 20 });
        core.append(batch(0, 40));
        core.close(Date.now());
        const file = join(folder, readdirSync(folder).find((name) => name.endsWith(kind)) as string);
        const bytes = readFileSync(file);
        const at = Math.floor(bytes.length * where);
        if (cut) truncateSync(file, at);
        else {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          writeFileSync(file, bytes);
        }
        const next = open();
        const held = readAll(next).map(({ seq }) => seq);
        const drops = next.drops().map(({ drop }) => drop);
        const lost = drops.reduce((sum, { count }) => sum + count, 0);
        expect(held.length + lost).toBe(40);
        expect(drops.every(({ runs, count }) => runs.reduce((sum, one) => sum + one.count, 0) === count)).toBe(true);
        if (!cut || kind === '.idx') expect(lost).toBeLessThanOrEqual(cut ? 0 : 1);
        next.close(Date.now());
      },
    ),
    { numRuns: 120 },
  );
});
