import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PROTOCOL_TEXT } from '@netsonde/protocol';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ApiCall, apiOf } from '../delivery/api-client.ts';
import { evenLedger } from '../delivery/even-ledger.ts';
import { type Ground, layGround, pause } from '../delivery/ground.ts';
import { startLocalAgent } from '../delivery/local-agent.ts';
import { freePort } from '../delivery/server-process.ts';
import { type WatchedProcess, watchProcess } from '../delivery/watched-process.ts';
import { CURRENT, keptVersions, unpackVersion, type Version } from './kept-version.ts';

vi.setConfig({ testTimeout: 120_000 });

const kept = keptVersions().map(unpackVersion);
afterAll(() => {
  for (const { remove } of kept) remove();
});
const pairs = kept.flatMap((one) => [
  { agent: one as Version, server: CURRENT },
  { agent: CURRENT, server: one as Version },
]);

test('at least one kept version exists to compare with', () => {
  expect(kept.length).toBeGreaterThan(0);
});

test.each(pairs)(
  'agent of $agent.name with server of $server.name: nothing is refused, nothing is lost',
  async ({ agent, server }) => {
    const ground = await layGround();
    onTestFinished(ground.close);
    const fleet = await startPair(ground, agent, server);
    const { api } = fleet;
    const intervalMs = 200;
    const { id } = await api<{ id: number }>('/tests', testOf(ground));
    await fleet.stored(id, 20);
    const fromMs = Date.now() + 3000;
    await pause(3500);
    // Disconnected for a while, so that the backlog of one version meets the store of the other.
    await fleet.server.kill();
    await pause(2000);
    await fleet.restartServer();
    await fleet.stored(id, 60);
    const found = await evenLedger(api, { test: id, intervalMs, series: 4, fromMs, toMs: Date.now() - 300 });
    expect(found.faults).toEqual([]);
    expect(found.stored).toBeGreaterThan(20);
    const results = await api<{ verdict: string }[]>(`/tests/${id}/export.json`);
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['up', 'down']));
    const said = `${fleet.server.output()}\n${fleet.agent.output()}`;
    expect(said).not.toMatch(/refused: |never be stored|given up|not understood/);
  },
);

test('with an agent from before the promise, the server says to update the agent', async () => {
  const ground = await layGround();
  onTestFinished(ground.close);
  const { port } = await startServer(ground, CURRENT);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/agent/session`);
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(String(data))).toMatchObject({
    type: 'rejected',
    code: 'protocol_version',
    retry: true,
    message: expect.stringMatching(/the agent speaks version 1\.0 .*: update the agent/) as string,
  });
});

test('with a server from before the promise, the agent says to update the server, and keeps trying', async () => {
  const ground = await layGround();
  onTestFinished(ground.close);
  const old = createServer();
  const sessions = new WebSocketServer({ server: old });
  old.listen(0, '127.0.0.1');
  await once(old, 'listening');
  onTestFinished(() => {
    sessions.close();
    old.closeAllConnections();
    old.close();
  });
  const { port } = old.address() as AddressInfo;
  const { agent, said } = await startLocalAgent({
    server: `http://127.0.0.1:${port}`,
    data: join(ground.folder, 'agent'),
    token:
      'nse1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  });
  onTestFinished(() => agent.close());
  await said(new RegExp(`the server speaks version 1.0 .* this agent version ${PROTOCOL_TEXT}: update the server`));
});

interface Pair {
  readonly api: ApiCall;
  server: WatchedProcess;
  readonly agent: WatchedProcess;
  restartServer(): Promise<void>;
  /** Waits until this many results are stored. */
  stored(test: number, count: number): Promise<void>;
}

async function startServer(ground: Ground, version: Version, port?: number) {
  const at = port ?? (await freePort());
  const env = {
    NETSONDE_DATA: join(ground.folder, 'server'),
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: String(at),
    CLIENT_HEARTBEAT_INTERVAL: '1',
  };
  const server = watchProcess('the server', [process.execPath, version.command, 'server'], env);
  onTestFinished(server.kill);
  await server.says('Netsonde runs at');
  return { server, port: at, env };
}

async function startPair(ground: Ground, agent: Version, version: Version): Promise<Pair> {
  const { server, port, env } = await startServer(ground, version);
  const token = (kind: string) =>
    execFileSync(process.execPath, [version.command, 'token', 'create', kind], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    }).trim();
  const url = `http://127.0.0.1:${port}`;
  const api = apiOf(url, token('--admin'));
  const flags = ['--server', url, '--token', token('--agent'), '--name', 'a', '--data', join(ground.folder, 'agent')];
  const running = watchProcess('the agent', [process.execPath, agent.command, 'agent', ...flags], {});
  onTestFinished(running.kill);
  await running.says('connected to');
  const pair: Pair = {
    api,
    server,
    agent: running,
    async restartServer() {
      pair.server = (await startServer(ground, version, port)).server;
    },
    async stored(test, count) {
      while ((await api<unknown[]>(`/tests/${test}/export.json`)).length < count) await pause(100);
    },
  };
  return pair;
}

/** Two probes against a target that answers and one that refuses. */
function testOf(ground: Ground): object {
  const [{ address = '' } = {}] = ground.check(1, 1000, 1, 0).targets;
  return {
    name: 'skew',
    targets: [{ address }, { address: address.replace('127.0.0.1', '127.0.0.2').replace(/\d+$/, '9') }],
    checks: [{ probe: 'tcp' }, { probe: 'udp', options: { count: 1, timeoutSeconds: 0.1 } }],
    agents: { by: 'any', count: 1 },
    interval: 0.2,
    duration: null,
  };
}
