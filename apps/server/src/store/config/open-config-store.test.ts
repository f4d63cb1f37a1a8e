import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigStore, openConfigStore } from './open-config-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TEST = {
  name: 'loopback',
  description: '',
  selection: '{}',
  interval_ms: 1000,
  duration_ms: null,
  start_at: 1,
  end_at: null,
  stopped_at: null,
  created_at: 1,
  created_by: 'admin',
  deleted_at: null,
};

test('rows persist, ids are never reused, and foreign keys are enforced', async () => {
  const file = join(folder, 'netsonde.db');
  let store = await openConfigStore(file);
  const first = await store.db.insertInto('test').values(TEST).returning('id').executeTakeFirstOrThrow();
  await store.db
    .insertInto('target')
    .values({ test_id: first.id, address: '127.0.0.1', labels: '{}', removed_at: null })
    .execute();
  await expect(
    store.db.insertInto('target').values({ test_id: 999, address: 'x', labels: '{}', removed_at: null }).execute(),
  ).rejects.toThrow(/FOREIGN KEY/);
  await store.close();
  store = await openConfigStore(file);
  expect(await store.db.selectFrom('target').select('address').execute()).toEqual([{ address: '127.0.0.1' }]);
  await store.db.deleteFrom('test').execute();
  expect(await store.db.selectFrom('target').selectAll().execute()).toEqual([]);
  const second = await store.db.insertInto('test').values(TEST).returning('id').executeTakeFirstOrThrow();
  expect(second.id).toBeGreaterThan(first.id);
  await store.close();
});

describe.each([
  ['netsonde.db', 'moved away'],
  ['netsonde.db', 'replaced'],
  ['netsonde.db-wal', 'moved away'],
])('once %s was %s', (name, how) => {
  let store: ConfigStore;
  const insert = (db = store.db) => db.insertInto('test').values(TEST).execute();
  const count = async () => (await store.db.selectFrom('test').select('id').execute()).length;
  const refusal = () => ({
    code: 'io',
    message: expect.stringContaining(`${join(folder, name)} was removed or replaced while the server runs`),
  });
  const [there, aside] = [() => join(folder, name), () => join(folder, 'aside')];
  const take = () => {
    renameSync(there(), aside());
    if (how === 'replaced') copyFileSync(aside(), there());
  };
  beforeEach(async () => {
    store = await openConfigStore(join(folder, 'netsonde.db'));
    await insert();
  });
  afterEach(() => store.close());

  test('reads work and writes fail while the file is missing, and writes work again once it is back', async () => {
    take();
    await expect(insert()).rejects.toMatchObject(refusal());
    expect(await count()).toBe(1);
    renameSync(aside(), there());
    await insert();
    expect(await count()).toBe(2);
  });

  test('a transaction that had begun is rolled back', async () => {
    const changing = store.db.transaction().execute(async (transaction) => {
      await insert(transaction);
      take();
    });
    await expect(changing).rejects.toMatchObject(refusal());
    expect(await count()).toBe(1);
  });
});

test('the name of a revoked agent can be used again', async () => {
  const store = await openConfigStore(join(folder, 'netsonde.db'));
  const agent = {
    name: 'a',
    public_key: 'k',
    labels: '{}',
    system: null,
    capabilities: '[]',
    address: null,
    enrolled_at: 1,
    last_seen_at: null,
    revoked_at: null,
    epoch: 0,
    clock_offset_ms: null,
    clock_error_ms: null,
  };
  await store.db.insertInto('agent').values(agent).execute();
  await expect(
    store.db
      .insertInto('agent')
      .values({ ...agent, public_key: 'k2' })
      .execute(),
  ).rejects.toThrow(/UNIQUE/);
  await store.db.updateTable('agent').set({ revoked_at: 5 }).execute();
  await store.db.insertInto('agent').values(agent).execute();
  await store.close();
});

test('the error of a damaged configuration file names the file', async () => {
  const file = join(folder, 'netsonde.db');
  writeFileSync(file, 'this is not a database at all, but long enough to be taken for one'.repeat(20));
  await expect(openConfigStore(file)).rejects.toThrow(new RegExp(`${file} is damaged`));
});
