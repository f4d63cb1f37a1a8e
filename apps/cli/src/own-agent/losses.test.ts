import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, Result } from '@netsonde/protocol/api';
import { createAdminToken, createAgentToken } from '@netsonde/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type NetsondeProcess, startNetsonde } from './netsonde-process.test-parts.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
const started: NetsondeProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-losses-'));
});
afterEach(async () => {
  for (const one of started.splice(0).reverse()) {
    one.send('SIGTERM');
    await one.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[], env: Record<string, string>): NetsondeProcess {
  const one = startNetsonde(args, env);
  started.push(one);
  return one;
}

/** `up`, with its agent online under that number. */
async function up(agent: number): Promise<{ one: NetsondeProcess; url: string }> {
  const one = start(['up'], { NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' });
  await one.says('Netsonde runs at');
  await one.says(`as agent ${agent} (`);
  return { one, url: /Netsonde runs at (\S+)/.exec(one.output())?.[1] ?? '' };
}

async function stop(one: NetsondeProcess): Promise<void> {
  one.send('SIGTERM');
  expect(await one.ended).toBe('SIGTERM');
}

async function call<Body>(url: string, path: string, method = 'GET'): Promise<Body> {
  const bearer = await createAdminToken(folder, 'suite');
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${bearer}` } });
  expect(answer.ok).toBe(true);
  return (answer.status === 204 ? undefined : await answer.json()) as Body;
}

const resultsOf = async (url: string, agent: number): Promise<readonly Result[]> =>
  (await call<{ results: Result[] }>(url, `/tests/1/results?agent=${agent}`)).results;

const states = async (url: string): Promise<readonly string[]> =>
  (await call<Agent[]>(url, '/agents')).map(({ id, status }) => `${id} ${status}`);

test('after the folder of the agent was deleted, the next start enrols a new agent and keeps the results of the former one', async () => {
  const first = await up(1);
  await vi.waitFor(async () => expect(await resultsOf(first.url, 1)).not.toEqual([]), { timeout: 30_000 });
  await stop(first.one);
  rmSync(join(folder, 'agent'), { recursive: true });

  const next = await up(2);
  expect(next.one.output()).toMatch(/The agent ".*" that this host had is gone from .*agent: it is revoked/);
  expect(await states(next.url)).toEqual(['2 online', '1 revoked']);
  expect(await resultsOf(next.url, 1)).not.toEqual([]);
  await vi.waitFor(async () => expect(await resultsOf(next.url, 2)).not.toEqual([]), { timeout: 30_000 });
  await stop(next.one);

  // As a kill leaves it between the server's commit and the agent's.
  rmSync(join(folder, 'agent', 'server.json'));
  const again = await up(2);
  expect(await states(again.url)).toEqual(['2 online', '1 revoked']);
  expect(again.one.output()).not.toContain('revoked');
});

test('when its agent is revoked while it runs, the server goes on and says so, and the next start enrols a new agent', async () => {
  const { one, url } = await up(1);
  await call(url, '/agents/1', 'DELETE');
  await one.says('The agent of this host was revoked: the server goes on without it. The next start of "netsonde up"');
  expect(await states(url)).toEqual(['1 revoked']);
  await stop(one);
  const next = await up(2);
  expect(next.one.output()).toMatch(/was revoked: this host has another agent now.*agents-set-aside/);
  expect(await states(next.url)).toEqual(['2 online', '1 revoked']);
});

test('after the server has lost its key, its own agent reconnects, and the start says what to do about other agents', async () => {
  const first = await up(1);
  const data = join(folder, 'remote');
  const remote = (more: Record<string, string> = {}, url = first.url) =>
    start(['agent'], { NETSONDE_SERVER: url, NETSONDE_NAME: 'remote', NETSONDE_AGENT_DATA: data, ...more });
  const there = remote({ NETSONDE_TOKEN: await createAgentToken(folder, 'remote') });
  await there.says('as agent 2 (remote)');
  await stop(there);
  await stop(first.one);
  const key = join(folder, 'server-key.pem');
  const former = readFileSync(key, 'utf8');
  rmSync(key);

  const next = await up(1);
  expect(readFileSync(key, 'utf8')).not.toBe(former);
  expect(next.one.output()).toMatch(/The key by which this host's agent knew the server is gone/);
  expect(next.one.output()).toMatch(/agents know this server by another key than .*server-key\.pem.*: remote\. They/);
  await remote({}, next.url).says('if the server was set up again, enrol with a new token and another --data folder');
  expect(await states(next.url)).toEqual(['2 offline', '1 online']);
});
