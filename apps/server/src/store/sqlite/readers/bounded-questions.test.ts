import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import type { ResultStore } from '../../result-store.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

let folder: string;
let store: ResultStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-questions-'));
  store = await openSqliteResultStore({ folder, catalog: SUITE_CATALOG });
  await store.setChecks([{ check: 1, probe: 'sonar' }]);
  for (let from = 0; from < 6000; from += 200) {
    const items = Array.from({ length: 200 }, (_, i) => run(from + i, { target: 1 + (i % 4) }));
    await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, items), receivedMs: Date.now() });
  }
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const all = { checks: [1] };

test('of 50 concurrent queries of a caller 20 are answered and 30 refused, and another caller is not delayed', async () => {
  const order: string[] = [];
  const greedy = store.askedBy({ caller: 'user 1' });
  const asked = Array.from({ length: 50 }, (_, i) => greedy.results(all, 3000).then(() => order.push(`greedy ${i}`)));
  const other = store
    .askedBy({ caller: 'user 2' })
    .results(all, 1)
    .then(() => order.push('other'));
  const refused = (await Promise.allSettled(asked)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  await other;
  expect(refused).toHaveLength(30);
  expect(refused.every(({ code }) => code === 'busy')).toBe(true);
  expect(order).toHaveLength(21);
  expect(order.indexOf('other')).toBeLessThan(order.length - 10);
});

test('queries of a caller that has left are cancelled, and those of others go on', async () => {
  const left = new AbortController();
  const gone = store.askedBy({ caller: 'user 1', signal: left.signal });
  const asked = Array.from({ length: 12 }, () => gone.results(all, 3000));
  left.abort();
  const ends = await Promise.allSettled(asked);
  expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(8);
  expect(await store.askedBy({ caller: 'user 2' }).results(all, 5)).toHaveLength(5);
});

test('quick queries are answered while a scan is in progress', async () => {
  const pages = store.askedBy({ caller: 'user 1' }).scan(all)[Symbol.asyncIterator]();
  const first = pages.next();
  expect(await store.results(all, 5)).toHaveLength(5);
  expect((await first).done).toBe(false);
  await pages.return?.();
});
