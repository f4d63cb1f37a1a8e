import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConfigStore } from '../config/open-config-store.ts';
import { records, run as result, SUITE_CATALOG } from '../conformance/frames.test-data.ts';
import { openResultStore } from '../open-result-store.ts';
import type { StoreDamage } from '../result-store.ts';
import { checkDataFolder, refuseLostDatabase } from './data-folder.ts';

const START = 1_700_000_000_000;
const NOW = START + 86_400_000;

let folder: string;
const warnings: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-folder-'));
  warnings.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly accepted?: readonly string[];
  readonly database?: string;
  /** Results to store, by their numbers. */
  readonly store?: readonly number[];
  /** Ends as by kill -9: nothing is marked. */
  readonly killed?: boolean;
}

interface Seen {
  readonly results: number;
  readonly damage: readonly StoreDamage[];
  readonly restored: boolean;
  readonly agents: number;
}

/** Starts and ends the stores of a server as `openServer` does. */
async function run({
  accepted = [],
  database = 'netsonde.db',
  store: seqs = [],
  killed = false,
}: Run = {}): Promise<Seen> {
  const databaseFile = join(folder, database);
  const checked = checkDataFolder({
    dataFolder: folder,
    databaseFile,
    accepted,
    nowMs: NOW,
    warn: (text) => void warnings.push(text),
  });
  const config = await openConfigStore(databaseFile);
  try {
    const name = await checked.prepareResults(config.db);
    const store = await openResultStore(folder, SUITE_CATALOG, { folder: name });
    try {
      await store.setChecks([{ check: 1, probe: 'sonar' }]);
      if (seqs.length > 0) {
        const row = {
          name: `a${seqs[0]}`,
          public_key: `k${seqs[0]}`,
          labels: '{}',
          capabilities: '[]',
          enrolled_at: 1,
          epoch: 1,
        };
        await config.db.insertInto('agent').values(row).execute();
        const frame = records(
          1,
          seqs.map((seq) => result(seq)),
        );
        await store.ingest({ origin: { agent: 1, epoch: 1 }, frame, receivedMs: START });
        await store.compact();
      }
      await store.checkFiles();
      let results = 0;
      for await (const page of store.scan({ checks: [1] })) results += page.length;
      const { count } = await config.db
        .selectFrom('agent')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return { results, damage: store.damage(), restored: checked.restored, agents: count };
    } finally {
      await store.close();
      if (!killed) await checked.finish(config.db);
    }
  } finally {
    await config.close();
  }
}

const file = (name: string): string => join(folder, name);
const remove = (name: string): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(file(`${name}${end}`), { force: true });
};
const empty = (name: string): void => {
  remove(name);
  writeFileSync(file(name), '');
};

test('a new folder, and each later start after an end or a kill, is complete', async () => {
  expect(await run()).toMatchObject({ results: 0, agents: 0 });
  expect(await run({ store: [1, 2, 3], killed: true })).toMatchObject({ results: 3 });
  expect(await run()).toMatchObject({ results: 3 });
  expect(await run({ killed: true })).toMatchObject({ results: 3 });
  expect(await run()).toMatchObject({ results: 3, restored: false, damage: [] });
  expect(warnings).toEqual([]);
});

const LOSSES: readonly [lost: string, how: (name: string) => void, says: RegExp][] = [
  ['results.db', remove, /results\.db is missing; netsonde\.db has 1 agents and 0 tests, intake\.db has what/],
  ['results.db', empty, /results\.db is empty;/],
  ['intake.db', remove, /intake\.db is missing; netsonde\.db has .*, results\.db has 3 results until 2023-/],
  ['intake.db', empty, /intake\.db is empty;/],
  ['netsonde.db', remove, /netsonde\.db is missing; intake\.db has .*, results\.db has 3 results/],
  ['netsonde.db', empty, /netsonde\.db is empty;/],
];
const pathOf = (name: string): string => (name === 'netsonde.db' ? name : `results/${name}`);

test('a start without one of the files is refused, says what is beside it, and changes nothing', async () => {
  await run({ store: [1, 2, 3] });
  const whole = mkdtempSync(join(tmpdir(), 'netsonde-whole-'));
  cpSync(folder, whole, { recursive: true });
  for (const [lost, how, says] of LOSSES) {
    rmSync(folder, { recursive: true });
    cpSync(whole, folder, { recursive: true });
    how(pathOf(lost));
    const before = readdirSync(folder, { recursive: true }).toSorted();
    await expect(run()).rejects.toMatchObject({ code: 'incomplete', message: expect.stringMatching(says) });
    await expect(run()).rejects.toThrow(`or start once with --accept-loss ${lost}:`);
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(before);
  }
  rmSync(whole, { recursive: true });
});

test('the loss of results.db can be accepted: the loss is recorded, and what comes later is stored', async () => {
  await run({ store: [1, 2, 3] });
  remove('results/results.db');
  const accepted = await run({ accepted: ['results.db'], store: [4] });
  expect(accepted).toMatchObject({ results: 1, agents: 2 });
  expect(accepted.damage).toEqual([{ file: 'results.db', table: 'block', places: 1, resultsAtMost: null }]);
  expect(warnings).toEqual([expect.stringContaining('results.db is missing: its loss was accepted')]);
  expect(await run({ store: [5] })).toMatchObject({ results: 2, damage: accepted.damage });
  expect(JSON.parse(readFileSync(file('folder.json'), 'utf8')).folders.results.losses).toMatchObject([
    { file: 'results.db', what: 'missing' },
  ]);
  await run({ accepted: ['results.db'] });
  expect(warnings.at(-1)).toMatch(/nothing of it is lost/);
});

test('the loss of intake.db gives up the results too, which are moved aside', async () => {
  await run({ store: [1, 2, 3] });
  remove('results/intake.db');
  const accepted = await run({ accepted: ['intake.db'], store: [4] });
  expect(accepted).toMatchObject({ results: 1, agents: 2 });
  expect(accepted.damage).toEqual([{ file: 'intake.db', table: 'log', places: 1, resultsAtMost: null }]);
  const [aside = ''] = readdirSync(folder).filter((name) => name.startsWith('results.lost-'));
  expect(readdirSync(file(aside))).toContain('results.db');
});

test('the loss of netsonde.db begins again in a folder of results of its own', async () => {
  await run({ store: [1, 2, 3] });
  remove('netsonde.db');
  expect(await run({ accepted: ['netsonde.db'] })).toMatchObject({ results: 0, agents: 0 });
  expect(await run()).toMatchObject({ results: 0 });
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['results', 'results-2']));
});

test('a file of an earlier day or of another folder is refused, and all files of one backup are not', async () => {
  const own = folder;
  const [backup, other, now] = ['backup', 'other', 'now'].map((name) =>
    mkdtempSync(join(tmpdir(), `netsonde-${name}-`)),
  ) as [string, string, string];
  const put = (from: string) => {
    rmSync(own, { recursive: true });
    cpSync(from, own, { recursive: true });
  };
  try {
    folder = other;
    await run({ store: [7] });
    folder = own;
    await run({ store: [1] });
    for (const part of ['netsonde.db', 'results']) cpSync(file(part), join(backup, part), { recursive: true });
    await run({ store: [2] });
    cpSync(folder, now, { recursive: true });
    for (const name of ['results/results.db', 'results/intake.db', 'netsonde.db']) {
      put(now);
      copyFileSync(join(backup, name), file(name));
      await expect(run()).rejects.toThrow(new RegExp(`${name.split('/').at(-1)} is older than the files beside it`));
      copyFileSync(join(other, name), file(name));
      await expect(run()).rejects.toThrow(/belongs to another data folder/);
    }
    put(now);
    for (const part of ['netsonde.db', 'results']) {
      rmSync(file(part), { recursive: true });
      cpSync(join(backup, part), file(part), { recursive: true });
    }
    expect(await run()).toMatchObject({ results: 1, restored: true });
    expect(await run()).toMatchObject({ results: 1, restored: false });
  } finally {
    folder = own;
    for (const one of [backup, other, now]) rmSync(one, { recursive: true });
  }
});

test('a folder without a manifest is that of its files, and one that is damaged is named', async () => {
  await run({ store: [1, 2] });
  rmSync(file('folder.json'));
  expect(await run()).toMatchObject({ results: 2, restored: false });
  truncateSync(file('folder.json'), 10);
  await expect(run()).rejects.toThrow(/folder\.json is damaged/);
});

test('another database in the same data folder is new, and not what the first has lost', async () => {
  await run({ store: [1, 2, 3] });
  expect(await run({ database: 'other.db', store: [9] })).toMatchObject({ results: 1 });
  expect(await run()).toMatchObject({ results: 3 });
  remove('other.db');
  await expect(run({ database: 'other.db' })).rejects.toThrow(/other\.db is missing/);
  expect(await run()).toMatchObject({ results: 3 });
});

test('a new database that a command made in place of a lost one is not taken for it', async () => {
  await run({ store: [1] });
  remove('netsonde.db');
  const places = { dataFolder: folder, databaseFile: file('netsonde.db') };
  expect(() => refuseLostDatabase(places)).toThrow(/netsonde\.db is missing, and .* has results of it/);
  expect(() => refuseLostDatabase({ ...places, databaseFile: file('new.db') })).not.toThrow();
  await (await openConfigStore(file('netsonde.db'))).close();
  await expect(run()).rejects.toThrow(/netsonde\.db is empty/);
});
