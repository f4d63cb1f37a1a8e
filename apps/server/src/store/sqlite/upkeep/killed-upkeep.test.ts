import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SUITE_CATALOG } from '../../conformance/frames.test-data.ts';
import { openSqliteResultStore } from '../sqlite-result-store.ts';

const DAY_MS = 86_400_000;
const START = Math.floor(Date.now() / DAY_MS - 60) * DAY_MS;

/**
 * A store in a separate process that ingests a result per 20 minutes and meanwhile folds, merges and deletes what is
 * older than ten days. Each result lacks one metric, so that absences count the results at every level.
 */
const CHILD = `
const { openSqliteResultStore } = await import(process.argv[2]);
const [folder, begin, start] = [process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const { writeSync } = await import('node:fs');
const probe = { id: 'sonar', metrics: [], samples: [], instance: null };
const retention = { raw: 10, '5min': null, '1h': null, '1d': null };
const store = await openSqliteResultStore({ folder, catalog: { sonar: probe }, fold: { logBytes: 4000, ageMs: 100000 }, retention });
await store.setChecks([{ check: 1, probe: 'sonar' }]);
const at = (seq) => start + Math.floor(seq / 3) * 1200000;
const record = (seq) => ({ t: 'run', seq, check: 1, target: 1 + seq % 3, at: at(seq), late: 0, took: 1, verdict: 'up', metrics: { depth_m: seq }, absent: { note: 'timed_out' }, detail: { about: seq % 7 }, stamps: { kernel: 0, process: 1 } });
let seq = begin;
const upkeep = async () => { for (;;) { await store.compact(); await store.retire(at(seq)); } };
upkeep().catch(() => undefined);
while (seq < begin + 4000) {
  const items = Array.from({ length: 40 }, (_, i) => record(seq + i));
  const report = await store.ingest({ origin: { agent: 1, epoch: 1 }, frame: Buffer.from(JSON.stringify({ type: 'records', kind: 'live', epoch: 1, items })), receivedMs: Date.now() });
  seq += 40;
  writeSync(1, 'ACK ' + seq + '\\n');
}
`;
const compiled = fileURLToPath(new URL('../../../../dist/store/sqlite/sqlite-result-store.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-killed-'));
  writeFileSync(join(folder, 'child.mjs'), CHILD);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child from a sequence for a while and kills it. @returns the acknowledged sequence. */
async function liveAndDie(begin: number, forMs: number): Promise<number> {
  const args = [join(folder, 'child.mjs'), compiled, join(folder, 'results'), String(begin), String(START)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), forMs);
    said += text;
  });
  await exited;
  return Number(/ACK (\d+)\n$/.exec(said)?.[1] ?? begin);
}

test('after kill -9 during folds, merges or retention, the ledger and charts count each result once', async () => {
  let acknowledged = 0;
  for (const forMs of [40, 190, 350, 600]) {
    acknowledged = await liveAndDie(acknowledged, forMs);
    const store = await openSqliteResultStore({ folder: join(folder, 'results'), catalog: SUITE_CATALOG });
    const [received] = await store.received(1);
    const settled = (received?.ranges ?? []).reduce((sum, [from, to]) => sum + to - from + 1, 0);
    expect(settled).toBeGreaterThanOrEqual(acknowledged);
    const window = { fromMs: START, toMs: START + 400 * DAY_MS };
    const chart = { checks: [1], ...window, metric: 'note' };
    for (const compacts of [false, true]) {
      if (compacts) await store.compact();
      const ledger = await store.ledger(window);
      expect(ledger.reduce((sum, { stored }) => sum + stored, 0)).toBe(settled);
      for (const points of [2, 400]) {
        const { lines } = await store.series({ ...chart, points });
        expect(lines.reduce((sum, { absent }) => sum + (absent.timed_out ?? 0), 0)).toBe(settled);
      }
      let scanned = 0;
      for await (const page of store.scan({ checks: [1] })) scanned += page.length;
      const retired = ledger.reduce((sum, count) => sum + (count.retired ?? 0), 0);
      expect(scanned).toBe(settled - retired);
    }
    await store.close();
    acknowledged = settled;
  }
  expect(acknowledged).toBeGreaterThan(0);
}, 120_000);
