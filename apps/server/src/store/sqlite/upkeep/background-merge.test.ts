import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import { openResultsDatabase } from '../results-database.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

const GIVES_UP_MS = 60_000;

test('after frequent folds, the background automatically merges their blocks into few', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-merge-'));
  const fold = { logBytes: 1, ageMs: 1e9, tickEveryMs: 20 };
  const store = await openSqliteResultStore({ folder, catalog: SUITE_CATALOG, fold });
  const results = openResultsDatabase(folder, 'read');
  const folds = () => results.prepare('SELECT count(*) FROM fold').pluck().get() as number;
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    for (const endMs = Date.now() + GIVES_UP_MS; !(await isSo()); await wait(10))
      if (Date.now() > endMs) throw new Error('nothing happens');
  };
  try {
    await store.setChecks([{ check: 1, probe: 'sonar' }]);
    for (let seq = 0; seq < 8; seq += 1) {
      const before = folds();
      await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, [run(seq)]), receivedMs: Date.now() });
      await until(() => folds() > before || (seq === 7 && folds() === 1));
    }
    await until(() => folds() === 1);
    expect(results.prepare('SELECT rows FROM block_head').pluck().all()).toEqual([8]);
    expect((await store.results({ checks: [1] }, 10)).map(({ record }) => record.seq)).toEqual([
      7, 6, 5, 4, 3, 2, 1, 0,
    ]);
  } finally {
    results.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
