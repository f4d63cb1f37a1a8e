import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConfigStore } from './config/open-config-store.ts';
import { openIntakeDatabase } from './sqlite/intake/intake-database.ts';
import { openResultsDatabase } from './sqlite/results-database.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-schema-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the file as a start does, which makes it where it does not exist, and closes it. */
const FILES = [
  ['netsonde.db', 'agent', async () => (await openConfigStore(join(folder, 'netsonde.db'))).close()],
  ['results.db', 'block', async () => openResultsDatabase(folder, 'write').close()],
  ['intake.db', 'log', async () => openIntakeDatabase(folder, 'write').close()],
] as const;

describe.each(FILES)('%s', (name, table, start) => {
  const withFile = <T>(use: (db: Database.Database) => T): T => {
    const db = new Database(join(folder, name));
    try {
      return use(db);
    } finally {
      db.close();
    }
  };
  const placeOf = (one: string) =>
    withFile((db) => db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(one));
  beforeAll(start);

  test('opens after a user has vacuumed and analysed it', async () => {
    const before = placeOf(table);
    withFile((db) => {
      // Moves all root pages: by files that shrink themselves, the second page is used otherwise.
      db.pragma(`auto_vacuum = ${db.pragma('auto_vacuum', { simple: true }) === 0 ? 2 : 0}`);
      db.exec('VACUUM; ANALYZE');
    });
    expect(placeOf(table)).not.toBe(before);
    expect(placeOf('sqlite_stat1')).toBeGreaterThan(0);
    await start();
    await start();
  });

  test('is refused when a table has the root page of another', async () => {
    const other = placeOf(name === 'netsonde.db' ? 'setting' : 'meta_copy');
    withFile((db) => {
      db.unsafeMode().pragma('writable_schema = ON');
      db.prepare('UPDATE sqlite_schema SET rootpage = ? WHERE name = ?').run(other, table);
    });
    await expect((async () => start())()).rejects.toThrow(name);
  });
});
