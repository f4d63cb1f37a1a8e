import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConfigStore } from './config/open-config-store.ts';
import { resultsFolder } from './results-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens and closes a database, as a start of the server does. */
async function start(file: string, before: Parameters<typeof work>[1] = async () => {}): Promise<string> {
  const config = await openConfigStore(join(folder, file));
  try {
    return await work(config, before);
  } finally {
    await config.close();
  }
}

async function work(
  config: Awaited<ReturnType<typeof openConfigStore>>,
  before: (db: typeof config.db) => Promise<unknown>,
): Promise<string> {
  await before(config.db);
  const name = await resultsFolder(config.db, folder);
  mkdirSync(join(folder, name), { recursive: true });
  return name;
}

test('each database of a data folder has its own results folder', async () => {
  expect(await start('a.db')).toBe('results');
  expect(await start('b.db')).toBe('results-2');
  expect(await start('c.db')).toBe('results-3');
  expect([await start('a.db'), await start('b.db'), await start('c.db')]).toEqual([
    'results',
    'results-2',
    'results-3',
  ]);
});

test('a database with agents from before the name was stored keeps using the first folder', async () => {
  mkdirSync(join(folder, 'results'));
  const row = { name: 'a', public_key: 'k', labels: '{}', capabilities: '[]', enrolled_at: 1, epoch: 1 };
  expect(await start('old.db', (db) => db.insertInto('agent').values(row).execute())).toBe('results');
});
