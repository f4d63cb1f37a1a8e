import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import { afterEach, beforeEach, expect } from 'vitest';
import type { IntakeReport, ResultStore, Retention, StoredResult } from '../result-store.ts';
import { SUITE_CATALOG } from './frames.test-data.ts';

/** Opens the engine under test on a separate folder. */
export type OpenStore = (folder: string, catalog: Catalog, retention: Retention) => Promise<ResultStore>;

/** The engine under test, with an empty store for each test. */
export interface Suite {
  readonly store: ResultStore;
  take(frame: Uint8Array, agent?: number, epoch?: number): Promise<IntakeReport>;
  /** Closes the store and opens it again. Default retention: for ever. */
  reopen(retention?: Retention): Promise<void>;
  /** Asserts in each state of stored results: just received, folded, and after a restart. */
  inEachLife(verify: () => Promise<void>): Promise<void>;
  /** Returns all results of a scan, and asserts their order. */
  scanAll(checks?: readonly number[]): Promise<StoredResult[]>;
}

const FOR_EVER: Retention = { raw: null, '5min': null, '1h': null, '1d': null };

/** Opens the engine before each test and deletes its folder after it. */
export function suiteOf(open: OpenStore): Suite {
  let folder: string;
  let store: ResultStore;
  const reopen = async (retention = FOR_EVER) => {
    await store.close();
    store = await open(folder, SUITE_CATALOG, retention);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netsonde-store-'));
    store = await open(folder, SUITE_CATALOG, FOR_EVER);
    await store.setChecks([1, 2, 3].map((check) => ({ check, probe: 'sonar' })));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get store() {
      return store;
    },
    take: (frame, agent = 1, epoch = 1) => store.ingest({ origin: { agent, epoch }, frame, receivedMs: Date.now() }),
    reopen,
    async inEachLife(verify) {
      await verify();
      await store.compact();
      await verify();
      await reopen();
      await verify();
    },
    scanAll: (checks = [1, 2, 3]) => scanAll(store, checks),
  };
}

async function scanAll(store: ResultStore, checks: readonly number[]): Promise<StoredResult[]> {
  const all: StoredResult[] = [];
  for await (const page of store.scan({ checks })) {
    for (let i = 1; i < page.length; i += 1)
      expect(page[i]?.record.at).toBeGreaterThanOrEqual(page[i - 1]?.record.at ?? 0);
    expect(page[0]?.record.at ?? 0).toBeGreaterThanOrEqual(all.at(-1)?.record.at ?? 0);
    all.push(...page);
  }
  return all;
}
