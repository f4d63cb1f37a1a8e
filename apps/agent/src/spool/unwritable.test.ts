import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Appended } from './segment-writer.ts';
import { SpoolCore } from './spool-core.ts';

let folder: string;
let warnings: string[];
let events: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-spool-'));
  warnings = [];
  events = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LIMITS = {
  maxBytes: 1 << 30,
  maxAgeMs: 1e12,
  heldMs: 0,
  minFreeBytes: 0,
  segmentBytes: 1 << 22,
  memoryBytes: 1 << 22,
};
const open = () =>
  new SpoolCore(
    folder,
    LIMITS,
    { nowMs: Date.now(), line: null },
    {
      kept: (from, to) => void events.push(`kept ${from}-${to}`),
      lost: (from, to) => void events.push(`lost ${from}-${to}`),
      warn: (message) => void warnings.push(message),
    },
  );
const record = (seq: number, fields: Partial<Appended> = {}): Appended => {
  const facts = { seq, check: 1, target: 5, from: 1000 + seq, to: 1000 + seq, count: 1, ...fields };
  return { ...facts, json: fields.json ?? JSON.stringify(facts) };
};

test.each<[string, Partial<Appended>, RegExp]>([
  ['a count beyond 32 bits', { count: 17_960_688_425 }, /its count is 17960688425, and 4294967295 is the most/],
  ['a check beyond 32 bits', { check: 5_000_000_000 }, /its check is 5000000000, and 4294967295/],
  ['a target that is no whole number', { target: 1.5 }, /its target is 1\.5,/],
  ['more bytes than can be read back', { json: 'x'.repeat(1_048_577) }, /it has 1048577 bytes, and 1048576/],
])('a record with %s is dropped and counted, and those around it are kept', (_what, fields, why) => {
  const core = open();
  core.append([record(0), record(1, fields), record(2, fields), record(3)]);
  expect(events).toEqual(['kept 0-0', 'lost 1-1', 'lost 2-2', 'kept 3-3']);
  const { records } = core.read({ epoch: 0, seq: 0 }, Number.MAX_SAFE_INTEGER, 1 << 30);
  expect(records.map(({ seq }) => seq)).toEqual([0, 3]);
  const [{ drop } = { drop: null }] = core.drops();
  expect(drop).toMatchObject({ fromSeq: 1, toSeq: 2, reason: 'unwritable', count: 2 * (fields.count ?? 1) });
  expect(warnings).toEqual([expect.stringMatching(why)]);
  expect(warnings[0]).not.toMatch(/disk/);
  core.acknowledge(core.epoch, [[1, 2]]);
  core.close(Date.now());
  const next = open();
  expect(next.status()).toMatchObject({ records: 2, dropped: 2 * (fields.count ?? 1) });
  expect(next.drops()).toEqual([]);
  expect(warnings).toHaveLength(1);
  next.close(Date.now());
});
