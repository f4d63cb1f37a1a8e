import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { Test } from '@netsonde/protocol/api';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { call } from './api/server.test-support.ts';
import { openServer, type RunningServer } from './open-server.ts';
import { readSettings } from './settings/read-settings.ts';
import { createAdminToken } from './tokens.ts';

let folder: string;
const open: RunningServer[] = [];
const log = pino({ level: 'silent' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-open-'));
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<RunningServer> {
  const settings = readSettings({ SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', NETSONDE_DATA: folder, ...environment });
  const server = await openServer(settings, { catalog, log });
  open.push(server);
  return server;
}

const tests = async (server: RunningServer, bearer: string) =>
  (await call<Test[]>(`${server.url}/api/v1/tests`, 'GET', undefined, { bearer })).body;

test('a second server on the same folder is refused with the folder’s name, and the first goes on', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`the data folder ${folder} is in use by process ${process.pid}`);
  expect((await call(`${first.url}/healthz`, 'GET')).status).toBe(200);
  await first.close();
  await first.close();
  expect((await call(`${(await start()).url}/healthz`, 'GET')).status).toBe(200);
});

test('each start creates a new set-up link until one is used, and the old one is invalid', async () => {
  const first = await start();
  await first.close();
  const second = await start();
  expect(second.setupLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#token=[\w-]{43}$/);
  expect(second.setupLink?.split('#')[1]).not.toBe(first.setupLink?.split('#')[1]);
  const setUp = (link: string | null) => {
    const token = link?.split('#token=')[1];
    return call(`${second.url}/api/v1/setup`, 'POST', { token, username: 'root', password: 'correct horse battery' });
  };
  expect((await setUp(first.setupLink)).status).toBe(403);
  expect((await setUp(second.setupLink)).status).toBe(201);
  await second.close();
  expect((await start()).setupLink).toBeNull();
});

test('the starter test is created once, from the catalog’s probes, and not again after its deletion', async () => {
  const bearer = await createAdminToken(folder, 'suite');
  const server = await start();
  const agents = { by: 'labels', labels: { host: 'here' } } as const;
  expect(await server.ensureStarterTest(agents)).toBe(true);
  expect(await server.ensureStarterTest(agents)).toBe(false);
  const [made, ...more] = await tests(server, bearer);
  expect(more).toEqual([]);
  expect(made).toMatchObject({
    state: 'running',
    interval: 5,
    duration: null,
    targets: [{ address: `${server.url}/healthz` }],
    agents,
  });
  expect(made?.checks.map(({ probe }) => probe)).toEqual(['icmp', 'tcp', 'http'].filter((probe) => probe in catalog));
  await call(`${server.url}/api/v1/tests/${made?.id}`, 'DELETE', undefined, { bearer });
  await server.close();
  const again = await start();
  expect(await again.ensureStarterTest(agents)).toBe(false);
  expect(await tests(again, bearer)).toEqual([]);
});

test('the operator’s defaults apply to new checks without the option, and a wrong default prevents the start', async () => {
  await expect(start({ PING_COUNT: '999999' })).rejects.toThrow('PING_COUNT is "999999"');
  const bearer = await createAdminToken(folder, 'suite');
  const server = await start({ PING_COUNT: '3', DEFAULT_TEST_INTERVAL: '7', DEFAULT_TEST_DURATION: '70' });
  const body = {
    name: 'x',
    targets: [{ address: '::1' }],
    checks: [{ probe: 'icmp' }, { probe: 'icmp', options: { count: 4 } }],
    agents: { by: 'any', count: 1 },
  };
  const { body: made } = await call<Test>(`${server.url}/api/v1/tests`, 'POST', body, { bearer });
  expect(made.checks.map(({ options }) => options.count)).toEqual([3, 4]);
  expect([made.interval, made.duration]).toEqual([7, 70]);
  const shown = await call<{ id: string; options: { name: string; default: unknown; label: string }[] }[]>(
    `${server.url}/api/v1/catalog`,
    'GET',
    undefined,
    { bearer },
  );
  const count = shown.body.find(({ id }) => id === 'icmp')?.options.find(({ name }) => name === 'count');
  expect(count).toMatchObject({ default: 3, label: expect.any(String) });
});
