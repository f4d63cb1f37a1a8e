import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { Test } from '@netsonde/protocol/api';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServer } from '../open-server.ts';
import { readSettings } from '../settings/read-settings.ts';
import { openConfigStore } from '../store/config/open-config-store.ts';
import { createAdminToken } from '../tokens.ts';
import { call } from './server.test-support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-starter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts and stops a server. Returns the target of its starter test and the server's address. */
async function oneStart(): Promise<{ readonly address: string | undefined; readonly url: string }> {
  const environment = { SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', NETSONDE_DATA: folder };
  const server = await openServer(readSettings(environment), { catalog, log: pino({ level: 'silent' }) });
  try {
    await server.ensureStarterTest({ by: 'labels', labels: { host: 'local' } });
    const bearer = await createAdminToken(folder, 'suite');
    const { body } = await call<Test[]>(`${server.url}/api/v1/tests`, 'GET', undefined, { bearer });
    return { address: body[0]?.targets[0]?.address, url: server.url };
  } finally {
    await server.close();
  }
}

test('a starter test of a version that stored only its id is updated to the server’s address too', async () => {
  await oneStart();
  const { db, close } = await openConfigStore(join(folder, 'netsonde.db'));
  const row = await db.selectFrom('setting').select('value').where('key', '=', 'starter_test_made').executeTakeFirst();
  const { id } = JSON.parse(row?.value ?? '{}') as { id: number };
  await db
    .updateTable('setting')
    .set({ value: String(id) })
    .where('key', '=', 'starter_test_made')
    .execute();
  await close();
  const { address, url } = await oneStart();
  expect(address).toMatch(new RegExp(`^${url}/`));
});
