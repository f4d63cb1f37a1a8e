import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../conformance/frames.test-data.ts';
import { resultStoreConformance } from '../conformance.test-suite.ts';
import { openDatabase } from '../open-database.ts';
import { openSqliteResultStore } from './sqlite-result-store.ts';

/** The suite says itself what is past its retention, so the background has no say. */
const SILENT_CLOCK = { now: () => Number.MAX_SAFE_INTEGER, least: () => null };
resultStoreConformance('SQLite', (folder, catalog, retention) =>
  openSqliteResultStore({ folder, catalog, retention, clock: SILENT_CLOCK }),
);

const CHECKS = [1, 2].map((check) => ({ check, probe: 'sonar' }));

test('blocks of deleted checks are deleted in steps, even across a restart, and their disk space is freed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-forget-'));
  const open = () => openSqliteResultStore({ folder, catalog: SUITE_CATALOG });
  let store = await open();
  try {
    await store.setChecks(CHECKS);
    for (let frame = 0; frame < 60; frame += 1) {
      const sent = Array.from({ length: 100 }, (_, i) => {
        const seq = frame * 100 + i;
        return run(seq, {
          check: i < 25 ? 2 : 1,
          target: 1 + (i % 25),
          metrics: { note: randomBytes(300).toString('hex') },
        });
      });
      await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, sent), receivedMs: Date.now() });
      if (frame % 10 === 9) await store.compact();
    }
    const before = statSync(join(folder, 'results.db')).size;
    await store.forget([1]);
    await store.close();
    store = await open();
    await store.compact();
    expect(await store.ledger({ fromMs: 0, toMs: 4e12 })).toHaveLength(25);
    expect((await store.latest()).map(({ record }) => record.check)).toEqual(Array.from({ length: 25 }, () => 2));
    await store.close();
    const results = openDatabase(join(folder, 'results.db'), { pageSize: 16_384, cacheKib: 1024, readonly: true });
    const count = (table: string) => results.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
    const distinctSeries = (table: string) =>
      results.prepare(`SELECT count(DISTINCT series) FROM ${table}`).pluck().get();
    expect(count('block') + count('small_block')).toBe(count('block_head') + count('rollup_head'));
    for (const table of ['block_head', 'rollup_head', 'newest'])
      expect([table, distinctSeries(table)]).toEqual([table, 25]);
    results.close();
    expect(statSync(join(folder, 'results.db')).size).toBeLessThan(before / 2);
    store = await open();
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a store from before the first release is refused with what to do, and is left unchanged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-older-'));
  const file = join(folder, 'results.db');
  try {
    const older = openDatabase(file, { pageSize: 16_384, cacheKib: 1024, readonly: false, shrinks: true });
    older.exec('CREATE TABLE newest (series INTEGER PRIMARY KEY, at INTEGER NOT NULL, block INTEGER NOT NULL)');
    older.close();
    const refusal = openSqliteResultStore({ folder, catalog: SUITE_CATALOG });
    await expect(refusal).rejects.toMatchObject({
      code: 'older_format',
      message: expect.stringContaining(`move the folder ${folder} away and start again`),
    });
    const after = openDatabase(file, { pageSize: 16_384, cacheKib: 1024, readonly: true });
    expect(after.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).pluck().all()).toEqual(['newest']);
    after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
