import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import type { StoreUpkeep } from '../../result-store.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'netsonde-upkeep-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('background work is reported with its counts', async () => {
  const reported: StoreUpkeep[] = [];
  const fold = { logBytes: 1e9, ageMs: 1e9, tickEveryMs: 1e8 };
  const onWork = (work: StoreUpkeep) => void reported.push(work);
  const store = await openSqliteResultStore({ folder, catalog: SUITE_CATALOG, fold, onWork });
  try {
    await store.setChecks([{ check: 1, probe: 'sonar' }]);
    const frame = records(1, [run(0), run(1), run(2)]);
    await store.ingest({ origin: { agent: 1, epoch: 1 }, frame, receivedMs: Date.now() });
    await store.compact();
  } finally {
    await store.close();
  }
  expect(reported).toEqual([{ work: 'compact', folded: 3, steps: 0, more: false, ms: expect.any(Number) }]);
});
