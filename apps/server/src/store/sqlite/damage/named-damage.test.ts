import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missedOf, records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import type { ResultStore } from '../../result-store.ts';
import { Database } from '../../sqlite-driver.ts';
import { readMeta } from '../meta-table.ts';
import { Parts } from '../parts.test-data.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

let folder: string;
let store: ResultStore;
const open = async () => {
  store = await openSqliteResultStore({ folder, catalog: SUITE_CATALOG, fold: { tickEveryMs: 600_000 } });
  await store.setChecks([{ check: 1, probe: 'sonar' }]);
};
const send = (from: number, count: number) =>
  store.ingest({
    origin: { agent: 1, epoch: 1 },
    frame: records(
      1,
      Array.from({ length: count }, (_, i) => run(from + i, { target: 1 + ((from + i) % 2), detail: { n: from } })),
    ),
    receivedMs: Date.now(),
  });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-named-'));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Flips a bit in the middle of the bytes that a query gives, in the closed file, wherever a copy of them is. */
function flip(name: string, sql: string): void {
  const file = join(folder, name);
  const db = new Database(file, { readonly: true });
  const data = db.prepare(sql).pluck().get() as Buffer;
  db.close();
  const bytes = readFileSync(file);
  const wanted = data.subarray(0, Math.min(data.length, 64));
  expect(bytes.includes(wanted)).toBe(true);
  for (let start = bytes.indexOf(wanted); start >= 0; start = bytes.indexOf(wanted, start + 1)) {
    const at = start + Math.floor(wanted.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
  }
  writeFileSync(file, bytes);
}

test('a damaged block is named with its results, and those of other series are shown', async () => {
  await send(0, 200);
  await store.compact();
  await store.close();
  flip('results.db', `SELECT data FROM block JOIN block_head ON block = id WHERE series = 1`);
  await open();
  expect(store.damage()).toEqual([{ file: 'results.db', table: 'block', places: 1, resultsAtMost: 100 }]);
  expect(store.checkedMs).not.toBeNull();
  expect(store.damaged({ checks: [1], target: 1 })).toEqual({ resultsAtMost: 100, details: 0 });
  expect(store.damaged({ checks: [1], target: 2 })).toBeNull();
  expect(store.damaged({ checks: [1], target: 1, toMs: run(0).at })).toBeNull();
  expect(await store.results({ checks: [1], target: 2 }, 1000)).toHaveLength(100);
  expect(await store.results({ checks: [1], target: 1 }, 1000)).toEqual([]);
  await send(200, 50);
  await store.compact();
  expect(await store.results({ checks: [1] }, 1000)).toHaveLength(150);
  expect((await store.ledger({ fromMs: 0, toMs: 4e12 })).map(({ stored }) => stored)).toEqual([125, 125]);
});

test('a damaged batch of the log is set aside when its neighbours are folded, and goes on being named', async () => {
  await send(0, 30);
  await send(30, 30);
  await send(60, 30);
  await store.close();
  flip('intake.db', 'SELECT data FROM log WHERE id = 2');
  for (let life = 0; life < 3; life += 1) {
    await open();
    expect(store.damage()).toMatchObject([{ file: 'intake.db', table: 'log', resultsAtMost: 30 }]);
    expect((await store.results({ checks: [1] }, 1000)).map(({ record }) => record.seq).sort((a, b) => a - b)).toEqual([
      ...Array(30).keys(),
      ...Array.from({ length: 30 }, (_, i) => 60 + i),
    ]);
    await store.compact();
    if (life < 2) await store.close();
  }
});

test('a damaged detail leaves its results, which say that it is missing, and is whole again once it is sent again', async () => {
  await send(0, 10);
  await store.close();
  flip('intake.db', 'SELECT data FROM detail');
  await open();
  expect(store.damaged({ checks: [1] })).toMatchObject({ resultsAtMost: 0 });
  expect((await store.results({ checks: [1] }, 10)).every(({ lacksDetail }) => lacksDetail)).toBe(true);
  await store.ingest({
    origin: { agent: 1, epoch: 1 },
    frame: records(1, [run(99, { detail: { n: 0 } })]),
    receivedMs: Date.now(),
  });
  expect((await store.results({ checks: [1] }, 20)).some(({ lacksDetail }) => lacksDetail)).toBe(false);
});

test('what was received of an agent is known from its results where the row is damaged: nothing is stored twice', async () => {
  await send(0, 40);
  await store.compact();
  await send(40, 20);
  await store.close();
  flip('intake.db', 'SELECT ranges FROM received');
  await open();
  expect(await store.received(1)).toEqual([{ epoch: 1, ranges: [[0, 59]] }]);
  expect((await send(50, 20)).resultCount).toBe(10);
  expect(await store.results({ checks: [1] }, 1000)).toHaveLength(70);
});

/** Sets how many rows a page of a table has, in its header (2 bytes from byte 3): the others are lost. */
function loseRows(file: string, table: string, keep: number): void {
  const db = new Database(file, { readonly: true });
  const page = db.prepare('SELECT pageno FROM dbstat WHERE name = ?').pluck().get(table) as number;
  const pageSize = db.pragma('page_size', { simple: true }) as number;
  db.close();
  const bytes = readFileSync(file);
  bytes.writeUInt16BE(keep, (page - 1) * pageSize + 3);
  writeFileSync(file, bytes);
}

test.each(['meta', 'meta_copy'])('single values are kept where the page of %s has lost its rows', (table) => {
  const parts = Parts.make(folder, 'parts-');
  parts.send([run(0)]);
  parts.work('fold');
  parts.retire(run(0).at + 1);
  const folded = readMeta(parts.results, 'folded_through');
  parts.close();
  loseRows(join(parts.at, 'results.db'), table, 1);
  const again = new Parts(parts.at);
  expect(readMeta(again.results, 'folded_through')).toBe(folded);
  expect(readMeta(again.results, 'retired_raw')).toBe(run(0).at + 1);
  again.close();
});

/** Writes other values into a closed file as a flipped bit would: no checksum follows. */
function damage(name: string, sql: string): void {
  const db = new Database(join(folder, name));
  db.prepare(sql).run();
  db.close();
}

test('a damaged count is left out of the ledger, which says so, and stays damaged when more is added', async () => {
  await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, [missedOf(0, {})]), receivedMs: Date.now() });
  await send(1, 5);
  const invented = records(1, [run(6, { check: 7 })]);
  await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: invented, receivedMs: Date.now() });
  expect(store.damagedCounts(['ledger', 'refusals', 'rate'], {})).toBeNull();
  await store.close();
  damage('intake.db', 'UPDATE loss SET count = count + 64');
  damage('intake.db', 'UPDATE refused SET count = count + 64');
  await open();
  const ledger = await store.ledger({ fromMs: 0, toMs: 4e12 });
  expect(ledger.map(({ missed }) => missed)).toEqual([{}, {}]);
  expect(store.damagedCounts(['ledger'], { checks: [1] })).toEqual({ places: 1, resultsAtMost: 0 });
  const again = records(1, [run(7, { check: 7 })]);
  await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: again, receivedMs: Date.now() });
  expect(await store.refusals(1)).toEqual([]);
  expect(store.damagedCounts(['refusals'], { agent: 1 })).toEqual({ places: 1, resultsAtMost: 0 });
  expect(store.damagedCounts(['rate'], {})).toBeNull();
});

test('a file whose schema is not the one that was written does not open, and is named', async () => {
  await send(0, 5);
  await store.close();
  flip('intake.db', `SELECT CAST('CREATE TABLE loss' AS BLOB)`);
  await expect(open()).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('intake.db') });
  rmSync(folder, { recursive: true });
  await open();
});
