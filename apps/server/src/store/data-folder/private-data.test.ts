import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServer } from '../../open-server.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { createAdminToken } from '../../tokens.ts';

let folder: string;
let umask: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-private-'));
  chmodSync(folder, 0o755);
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

/** Files that others than the owner have any right to, and how many files there are. */
function wide(): { readonly names: readonly string[]; readonly all: number } {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => join(parentPath, name));
  return { names: names.filter((name) => (statSync(name).mode & 0o077) !== 0), all: names.length };
}

async function serve(): Promise<readonly string[]> {
  const lines: string[] = [];
  const settings = readSettings({ NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' });
  const { openLog } = await import('../../http/log.ts');
  const log = openLog({ debug: false, logFormat: 'readable' }, (line) => void lines.push(line));
  const server = await openServer(settings, { catalog, log });
  try {
    await createAdminToken(folder, 'suite');
    expect(wide()).toEqual({ names: [], all: expect.any(Number) });
    expect(wide().all).toBeGreaterThan(10);
    return lines.filter((line) => line.includes('other users'));
  } finally {
    await server.close();
  }
}

test("in a folder that there was, open to others and without a umask, all files are the owner's alone", async () => {
  expect(await serve()).toEqual([]);
  expect(statSync(folder).mode & 0o777).toBe(0o755);
});

test('wider modes of earlier versions are fixed and logged once, files of others and the mode of the folder stay', async () => {
  await createAdminToken(folder, 'first');
  const foreign = join(folder, 'cert.pem');
  writeFileSync(foreign, '');
  mkdirSync(join(folder, 'results-old'));
  chmodSync(join(folder, 'netsonde.db'), 0o644);
  const settings = readSettings({ NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' });
  const { keepPrivate } = await import('./private-data.ts');
  expect(keepPrivate(folder, settings.databaseFile)).toEqual([join(folder, 'netsonde.db')]);
  expect(keepPrivate(folder, settings.databaseFile)).toEqual([]);
  expect(statSync(foreign).mode & 0o777).toBe(0o666);
  chmodSync(join(folder, 'netsonde.db'), 0o640);
  rmSync(foreign);
  expect(await serve()).toEqual([expect.stringContaining(join(folder, 'netsonde.db'))]);
});
