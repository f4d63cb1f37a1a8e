import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import { openDatabase } from '../../open-database.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

const AT = 1_700_000_000_000;
const DAY_MS = 86_400_000;

test('a folder that kept the latest instant as the newest result returns the one measured last once it is folded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-newest-'));
  const open = () => openSqliteResultStore({ folder, catalog: SUITE_CATALOG });
  let store = await open();
  const take = async (...sent: readonly ReturnType<typeof run>[]) => {
    await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, sent), receivedMs: AT });
    await store.compact();
  };
  const edit = async (change: (db: ReturnType<typeof openDatabase>) => void) => {
    await store.close();
    const db = openDatabase(join(folder, 'results.db'), { pageSize: 16_384, cacheKib: 1024, readonly: false });
    change(db);
    db.close();
    store = await open();
  };
  try {
    await store.setChecks([{ check: 1, probe: 'sonar' }]);
    // Target 1: the clock was a day ahead, then right. Target 2: always right.
    await take(run(1, { at: AT + DAY_MS }), run(2, { at: AT, target: 2 }));
    let kept: unknown[] = [];
    await edit((db) => {
      kept = db.prepare('SELECT * FROM newest WHERE series = 1').raw().get() as unknown[];
    });
    await take(run(3, { at: AT + 1000, verdict: 'down' }), run(4, { at: AT + 1000, target: 2 }));
    await edit((db) => {
      db.prepare('INSERT OR REPLACE INTO newest VALUES (?, ?, ?, ?, ?, ?, ?)').run(kept);
      for (const table of ['meta', 'meta_copy']) db.exec(`DELETE FROM ${table} WHERE key = 'newest_is_measured_last'`);
    });
    const newest = async () => (await store.latest()).map(({ record }) => [record.target, record.seq]);
    expect(await newest()).toEqual([
      [1, 1],
      [2, 4],
    ]);
    await store.compact();
    expect(await newest()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
