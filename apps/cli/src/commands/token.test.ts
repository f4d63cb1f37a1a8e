import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { netsonde } from '../suite-terminal.test-parts.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'netsonde-token-'));
  folder = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const create = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  netsonde(['token', 'create', ...args], { env });

async function bearerIsKnown(bearer: string): Promise<boolean> {
  const env = { NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' };
  const server = await openServer(readSettings(env), { catalog });
  try {
    const answer = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${bearer}` } });
    return answer.status === 200;
  } finally {
    await server.close();
  }
}

test('where no server has been it refuses, makes nothing, and says which folder it looked in', async () => {
  const { code, out, err } = await create(['--agent'], { NETSONDE_DATA: folder });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`no server has its database in ${folder}`);
  expect(err).toMatch(/--data or NETSONDE_DATA.*--new/);
  expect(existsSync(folder)).toBe(false);
});

test('--new makes the folder before the first start, and the server that starts there knows the token', async () => {
  const { code, out } = await create(['--admin', '--new', '--data', folder], { NETSONDE_DATA: join(parent, 'other') });
  expect(code).toBe(0);
  expect(readdirSync(parent)).toEqual(['data']);
  expect(await bearerIsKnown(out.trim())).toBe(true);
  const later = await create(['--admin', '--data', folder]);
  expect(later.code).toBe(0);
  expect(await bearerIsKnown(later.out.trim())).toBe(true);
});

test('another database in a server’s folder is refused too', async () => {
  await create(['--admin', '--new', '--data', folder]);
  const { code, err } = await create(['--agent', '--data', folder], { DATABASE_URL: 'sqlite:///other.db' });
  expect(code).toBe(2);
  expect(err).toMatch(/there is no .*other\.db/);
});
