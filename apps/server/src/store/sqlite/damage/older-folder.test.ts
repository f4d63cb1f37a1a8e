import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { records, SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import type { ResultStore, StoredResult } from '../../result-store.ts';
import { Database } from '../../sqlite-driver.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

const OLD = fileURLToPath(new URL('./folder-of-format-2', import.meta.url));
const ANSWERS = JSON.parse(readFileSync(join(OLD, 'answers.json'), 'utf8'));
const START = 1_700_000_000_000;

/** The results of the folder, as they were sent: number, and all else that follows from it. */
function resultOf(seq: number) {
  const verdict = (['up', 'up', 'degraded', 'up', 'down'] as const)[seq % 5] ?? 'up';
  const finding = { cause: 'timeout', side: 'target', operation: 'ping 192.0.2.1' } as const;
  return {
    t: 'run',
    seq,
    check: 1 + (seq % 2),
    target: 1 + (seq % 3),
    at: START + seq * 10_000,
    late: 0.25,
    took: 12.5 + (seq % 7),
    verdict,
    ...(verdict === 'up' ? {} : { finding, log: [`line ${seq}`] }),
    metrics: { depth_m: (seq % 40) + 0.5, pings: seq, clear: seq % 2 === 0, note: `n${seq % 9}` },
    absent: {},
    samples: { echo_m: [seq / 4, null, 3.25] },
    instances: [{ key: 'left', metrics: { angle: (seq % 90) + 0.25 }, absent: {} }],
    stamps: { kernel: 1, process: 0 },
    detail: { part: seq % 11, of: 'the suite' },
  };
}

let folder: string;
let store: ResultStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-older-'));
  cpSync(OLD, folder, { recursive: true });
  store = await openSqliteResultStore({ folder, catalog: SUITE_CATALOG, fold: { tickEveryMs: 600_000 } });
  await store.setChecks([1, 2].map((check) => ({ check, probe: 'sonar' })));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function scan(): Promise<StoredResult[]> {
  const all: StoredResult[] = [];
  for await (const page of store.scan({ checks: [1, 2] })) all.push(...page);
  return all;
}

async function assertAsBefore(): Promise<void> {
  const all = await scan();
  expect(all).toHaveLength(1440);
  for (const { record } of all) expect(record).toEqual(resultOf(record.seq));
  expect(await store.ledger({ fromMs: 0, toMs: 4e12 })).toMatchObject(ANSWERS.ledger);
  expect((await store.latest()).map(({ record }) => record.seq)).toEqual(ANSWERS.latest);
  expect([await store.received(1), await store.received(2)]).toEqual(ANSWERS.received);
  const hours = { checks: [1], metric: 'depth_m', fromMs: START, toMs: START + 8 * 3_600_000, points: 9 };
  expect(await store.series(hours)).toEqual(ANSWERS.hours);
  expect(store.damage()).toEqual([]);
}

test('a folder without checksums opens, answers as before, and gets them when it is folded and merged', {
  timeout: 120_000,
}, async () => {
  await assertAsBefore();
  expect(unchecked('log')).toBeGreaterThan(0);
  await store.compact();
  await assertAsBefore();
  await store.checkFiles();
  expect(store.damage()).toEqual([]);
  expect(['log', 'block_head', 'newest', 'fold', 'rollup_head'].map(unchecked)).toEqual([0, 0, 0, 0, 0]);
});

test('a folder without checksums takes new results, each once', async () => {
  const { detail: _, ...fresh } = resultOf(5000);
  const frame = records(7, [fresh, resultOf(3)]);
  const report = await store.ingest({ origin: { agent: 1, epoch: 7 }, frame, receivedMs: Date.now() });
  expect(report.resultCount).toBe(1);
  expect(await scan()).toHaveLength(1441);
});

/** Rows of a table that have no checksum. */
function unchecked(table: string): number {
  const db = new Database(join(folder, table === 'log' ? 'intake.db' : 'results.db'), { readonly: true });
  try {
    return db.prepare(`SELECT count(*) FROM ${table} WHERE crc IS NULL`).pluck().get() as number;
  } finally {
    db.close();
  }
}
