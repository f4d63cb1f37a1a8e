import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { records, run, SUITE_CATALOG } from '../conformance/frames.test-data.ts';
import type { StoredResult } from '../result-store.ts';
import { onSmallDisk } from './small-disk.test-data.ts';
import { openSqliteResultStore } from './sqlite-result-store.ts';

/**
 * A store in a separate process: three agents send frames as fast as they are acknowledged, and each
 * acknowledged range is printed as one line. It compacts now and then, so that kills hit folds too.
 */
const CHILD = `
const { openSqliteResultStore } = await import(process.argv[2]);
const [folder, frames, agents] = [process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const { writeSync } = await import('node:fs');
const probe = { id: 'sonar', metrics: [], samples: [], instance: null };
const store = await openSqliteResultStore({ folder, catalog: { sonar: probe }, fold: { logBytes: 20000, ageMs: 1000 } });
await store.setChecks([{ check: 1, probe: 'sonar' }]);
const record = (seq) => ({ t: 'run', seq, check: 1, target: 1 + seq % 5, at: 1700000000000 + seq * 1000, late: 0, took: 1, verdict: 'up', metrics: { depth_m: seq }, absent: {}, stamps: { kernel: 0, process: 1 } });
async function agent(agent) {
  for (let frame = 0; frame < frames; frame += 1) {
    const from = frame * 10;
    const items = Array.from({ length: 10 }, (_, i) => record(from + i));
    const report = await store.ingest({ origin: { agent, epoch: 1 }, frame: Buffer.from(JSON.stringify({ type: 'records', kind: 'live', epoch: 1, items })), receivedMs: Date.now() });
    for (const [a, b] of report.stored) writeSync(1, 'ACK ' + agent + ' ' + a + ' ' + b + '\\n');
    if (agent === 1 && frame % 7 === 6) void store.compact().catch(() => undefined);
  }
}
await Promise.all(Array.from({ length: agents }, (_, i) => agent(i + 1)));
await store.close();
`;
const compiled = fileURLToPath(new URL('../../../dist/store/sqlite/sqlite-result-store.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-durable-'));
  writeFileSync(join(folder, 'child.mjs'), CHILD);
});
const childArgs = (frames: number, agents: number): string[] => [
  join(folder, 'child.mjs'),
  compiled,
  join(folder, 'results'),
  String(frames),
  String(agents),
];
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function killSometime(child: ChildProcess, afterAcks: number): Promise<string> {
  let said = '';
  const exited = once(child, 'exit');
  child.stdout?.on('data', (text: Buffer) => {
    said += text;
    if (said.split('\n').length > afterAcks) child.kill('SIGKILL');
  });
  await exited;
  return said;
}

async function storedSeqs(): Promise<Map<number, number[]>> {
  const store = await openSqliteResultStore({ folder: join(folder, 'results'), catalog: SUITE_CATALOG });
  const byAgent = new Map<number, number[]>([1, 2, 3].map((agent) => [agent, []]));
  const ledger = await store.ledger({ fromMs: 0, toMs: 4e12 });
  let all = 0;
  for await (const page of store.scan({ checks: [1] }))
    for (const { agent, record } of page as readonly StoredResult[]) {
      byAgent.get(agent)?.push(record.seq);
      all += 1;
    }
  expect(ledger.reduce((sum, { stored }) => sum + stored, 0)).toBe(all);
  for (const [agent, seqs] of byAgent) {
    const ranges = (await store.received(agent)).flatMap(({ ranges }) => ranges);
    expect(seqs.sort((a, b) => a - b)).toEqual(
      ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
    );
  }
  await store.close();
  return byAgent;
}

test('after kill -9 at any moment, each acknowledged record is stored once, and each stored record is settled', async () => {
  let already = 0;
  for (const afterAcks of [1, 9, 20, 33, 47, 70]) {
    const child = spawn(process.execPath, childArgs(400, 3), { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await killSometime(child, afterAcks);
    const stored = await storedSeqs();
    const acknowledged = said
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ').slice(1).map(Number));
    expect(acknowledged.length).toBeGreaterThanOrEqual(afterAcks);
    for (const [agent = 0, from = 0, to = -1] of acknowledged)
      for (let seq = from; seq <= to; seq += 1) expect(stored.get(agent)).toContain(seq);
    const total = [...stored.values()].reduce((sum, seqs) => sum + seqs.length, 0);
    expect(total).toBeGreaterThanOrEqual(already);
    already = total;
  }
}, 90_000);

// One agent that waits for each acknowledgement: by then all of the WAL must have been synced.
test('the log reaches the disk by fsync before each acknowledgement', async () => {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
  } catch {
    throw new Error('this test needs the program strace: apt-get install strace');
  }
  const trace = join(folder, 'trace');
  const args = [
    '-f',
    '-y',
    '-e',
    'trace=pwrite64,fsync,fdatasync,write',
    '-s',
    '16',
    '-o',
    trace,
    process.execPath,
    ...childArgs(6, 1),
  ];
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'exit');
  let synced = false;
  let wrote = 0;
  let acknowledged = 0;
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    if (/pwrite64\(\d+<[^>]*intake\.db-wal>/.test(line)) {
      synced = false;
      wrote += 1;
    } else if (/f(data)?sync\(\d+<[^>]*intake\.db-wal>/.test(line)) synced = true;
    else if (/write\(1<[^>]*>, "ACK/.test(line)) {
      acknowledged += 1;
      expect(synced).toBe(true);
    }
  }
  expect(wrote).toBeGreaterThan(0);
  expect(acknowledged).toBe(6);
}, 60_000);

test.each([
  ['intake.db', 'removed'],
  ['intake.db-wal', 'removed'],
  ['results.db', 'removed'],
  ['results.db', 'replaced'],
])('nothing is acknowledged once %s was %s, nor is it made again', async (name, how) => {
  const results = join(folder, 'results');
  // No background work may have the file open at this moment.
  const fold = { tickEveryMs: 600_000 };
  const store = await openSqliteResultStore({ folder: results, catalog: SUITE_CATALOG, fold });
  await store.setChecks([{ check: 1, probe: 'sonar' }]);
  const take = (seq: number) =>
    store.ingest({ origin: { agent: 1, epoch: 1 }, frame: records(1, [run(seq)]), receivedMs: Date.now() });
  expect((await take(0)).resultCount).toBe(1);
  await store.writable();
  const [file, aside] = [join(results, name), join(folder, 'aside')];
  renameSync(file, aside);
  if (how === 'replaced') copyFileSync(aside, file);
  const message = expect.stringContaining(`${file} was removed or replaced while the server runs`);
  for (const ask of [() => take(1), () => store.received(1), () => store.writable(), () => store.compact()])
    await expect(ask()).rejects.toMatchObject({ code: 'io', message });
  expect(existsSync(file)).toBe(how === 'replaced');
  await store.close();
});

describe('a full disk', () => {
  test('on a full disk, frames are refused without acknowledgement, and accepted again once there is room', async () => {
    await onSmallDisk(folder, async (mount) => {
      const store = await openSqliteResultStore({ folder: join(mount, 'results'), catalog: SUITE_CATALOG });
      await store.setChecks([{ check: 1, probe: 'sonar' }]);
      const filler = join(mount, 'filler');
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 256 * 1024));
      const frame = (n: number) =>
        records(
          1,
          Array.from({ length: 20 }, (_, i) =>
            run(n * 20 + i, {
              verdict: 'unknown',
              finding: { cause: 'internal', side: 'agent', operation: 'x' },
              log: Array.from({ length: 20 }, (_, line) => `${n} ${i} ${line} ${'~'.repeat(60)}`),
            }),
          ),
        );
      const take = (n: number) =>
        store.ingest({ origin: { agent: 1, epoch: 1 }, frame: frame(n), receivedMs: Date.now() });
      let taken = 0;
      const failure = await (async () => {
        for (; taken < 100; taken += 1) await take(taken);
        return null;
      })().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: expect.stringMatching(/disk_full|io/),
        message: expect.stringContaining('intake.db'),
      });
      expect(taken).toBeGreaterThan(0);
      expect(await store.received(1)).toEqual([{ epoch: 1, ranges: [[0, taken * 20 - 1]] }]);
      rmSync(filler);
      const report = await take(taken);
      expect(report.resultCount).toBe(20);
      expect(await store.results({ checks: [1] }, 1000)).toHaveLength((taken + 1) * 20);
      await store.close();
    });
  });

  test('on a full disk, folding and merging wait without loss, and complete once there is room', async () => {
    await onSmallDisk(folder, async (mount) => {
      const store = await openSqliteResultStore({ folder: join(mount, 'results'), catalog: SUITE_CATALOG });
      await store.setChecks([{ check: 1, probe: 'sonar' }]);
      const note = (seq: number) => Array.from({ length: 60 }, (_, i) => Math.sin(seq * 61 + i).toString(36)).join();
      const send = (from: number) =>
        store.ingest({
          origin: { agent: 1, epoch: 1 },
          frame: records(
            1,
            Array.from({ length: 20 }, (_, i) => run(from + i, { metrics: { note: note(from + i) } })),
          ),
          receivedMs: Date.now(),
        });
      for (let from = 0; from < 600; from += 20) {
        await send(from);
        if (from % 200 === 180) await store.compact();
      }
      for (let from = 600; from < 1200; from += 20) await send(from);
      const filler = join(mount, 'filler');
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 64 * 1024));
      await expect(store.compact()).rejects.toMatchObject({ code: expect.stringMatching(/disk_full|io/) });
      const all = async () => (await store.results({ checks: [1] }, 5000)).map(({ record }) => record.metrics.note);
      const expected = Array.from({ length: 1200 }, (_, i) => note(1199 - i));
      rmSync(filler);
      expect(await all()).toEqual(expected);
      await store.compact();
      expect(await all()).toEqual(expected);
      expect((await store.ledger({ fromMs: 0, toMs: 4e12 }))[0]?.stored).toBe(1200);
      await store.close();
    });
  });
});

test('the error of a damaged results file names the file and says what to do', async () => {
  for (const name of ['intake.db', 'results.db']) {
    const at = join(folder, name.slice(0, 3));
    const store = await openSqliteResultStore({ folder: at, catalog: SUITE_CATALOG });
    await store.close();
    writeFileSync(join(at, name), 'no database, and long enough to be taken for one '.repeat(200));
    await expect(openSqliteResultStore({ folder: at, catalog: SUITE_CATALOG })).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/db is damaged .*restore it from a backup/),
    });
  }
});
