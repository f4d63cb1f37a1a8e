import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentMessage,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  PROTOCOL_VERSION,
  type ServerMessage,
  signedText,
} from '@netsonde/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ConfigStore, openConfigStore } from '../store/config/open-config-store.ts';
import { Fleet } from './fleet.ts';
import type { AgentNews, FleetParts } from './ports.ts';
import { SeenBook } from './seen-book.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const agentKey = publicKey.export({ format: 'jwk' }).x ?? '';
const nonce = Buffer.alloc(32, 7).toString('base64url');
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

let folder: string;
let config: ConfigStore;
let fleet: Fleet;
let server: Server;
let news: AgentNews[];
let events: unknown[];
let sockets: WebSocket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-fleet-'));
  config = await openConfigStore(join(folder, 'netsonde.db'));
  news = [];
  events = [];
  sockets = [];
  const row = { name: 'a1', public_key: agentKey, labels: '{}', enrolled_at: 1, epoch: 0, capabilities: '[]' };
  const unset = { system: null, address: null, last_seen_at: null, revoked_at: null };
  await config.db
    .insertInto('agent')
    .values({ ...row, ...unset, clock_offset_ms: null, clock_error_ms: null })
    .execute();
  fleet = new Fleet(parts());
  server = createServer().on('upgrade', (request, socket, head) => fleet.handleUpgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await fleet.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await config.close();
  rmSync(folder, { recursive: true, force: true });
});

const parts = (): FleetParts => ({
  db: config.db,
  store: { ingest: () => Promise.reject(new Error('no records in this suite')), received: async () => [] },
  planning: {
    assignment: () => ({ revision: 1, checks: [] }),
    agentChanged: (one) => news.push(one),
    agentRefuses: () => {},
  },
  audience: { results: () => {}, publish: (_name, data) => void events.push(data) },
  dataFolder: folder,
  basePath: '',
  heartbeatMs: 60_000,
  now: Date.now,
  log: quiet,
});

/** Opens an agent's session. `answers`: whether it answers pings. Resolves with "welcome" or the rejection's code. */
function connect(answers: boolean): {
  readonly outcome: Promise<string>;
  /** The code of the rejection that ends it. */
  readonly ended: Promise<string>;
  /** How often the server has pinged it. */
  pings(): number;
  send(message: AgentMessage): void;
} {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    autoPong: answers,
    headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
  });
  sockets.push(socket);
  let pings = 0;
  socket.on('ping', () => pings++);
  const send = (message: AgentMessage) => socket.send(JSON.stringify(message));
  let end: (code: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const outcome = new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(error.message));
    socket.on('open', () => send({ type: 'hello', protocol: PROTOCOL_VERSION, agentKey, nonce }));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'challenge') send(proofFor(message));
      if (message.type === 'welcome') resolve('welcome');
      if (message.type !== 'rejected') return;
      resolve(message.code);
      end(message.code);
    });
  });
  return { outcome, ended, pings: () => pings, send };
}

function proofFor(challenge: Extract<ServerMessage, { type: 'challenge' }>): AgentMessage {
  const { serverKey, nonce: serverNonce } = challenge;
  const text = signedText('agent', { agentKey, serverKey, agentNonce: nonce, serverNonce, binding: '' });
  const host = { hostname: 'a1', platform: 'linux', release: '6', arch: 'x64', node: '20', version: '1' };
  return {
    type: 'proof',
    signature: sign(null, Buffer.from(text), privateKey).toString('base64url'),
    name: 'a1',
    labels: {},
    epoch: 1,
    assignmentHash: null,
    system: { ...host, cpus: 1, memoryBytes: 1, addresses: [] },
    capabilities: [],
  };
}

test('when two sessions of an agent wait for its silent session to end, only one is accepted', async () => {
  expect(await connect(false).outcome).toBe('welcome');
  const outcomes = await Promise.all([connect(true).outcome, connect(true).outcome]);
  expect(outcomes.sort()).toEqual(['cloned', 'welcome']);
  expect(fleet.online()).toEqual(new Set([1]));
});

test('the event of a rejected copy is published after the rejection is stored', async () => {
  expect(await connect(true).outcome).toBe('welcome');
  events.length = 0;
  expect(await connect(true).outcome).toBe('cloned');
  await expect.poll(() => events).toEqual([{ id: 1, status: 'online' }]);
  const { clone_address } = await config.db.selectFrom('agent').select('clone_address').executeTakeFirstOrThrow();
  expect(clone_address).toBe('127.0.0.1');
});

test('a rejected copy of an agent without a session is published too', async () => {
  await config.db.updateTable('agent').set({ epoch: 2 }).execute();
  expect(await connect(true).outcome).toBe('cloned');
  await expect.poll(() => events).toEqual([{ id: 1, status: 'offline' }]);
});

test('an agent that is revoked while its session waits is not accepted', async () => {
  const silent = connect(false);
  await expect.poll(() => silent.pings()).toBe(1);
  const waiting = connect(true);
  await expect.poll(() => silent.pings()).toBe(2);
  news.length = 0;
  await fleet.revoke(1);
  expect(await waiting.outcome).toBe('revoked');
  await expect.poll(() => fleet.online().size).toBe(0);
  expect(news.filter(({ offlineSinceMs }) => offlineSinceMs === null)).toEqual([]);
});

test.each([
  [Number.MAX_SAFE_INTEGER, null],
  [-1, null],
  [0, '1970-01-01T00:00:00.000Z'],
])('an oldest record at %s ms is reported as %s', async (oldestAt, shown) => {
  const agent = connect(true);
  expect(await agent.outcome).toBe('welcome');
  const spool = { records: 1, bytes: 1, oldestAt, dropped: 0 };
  agent.send({ type: 'status', loopDelayP99Ms: 0, running: 0, spool });
  await expect.poll(() => fleet.live(1)?.spool).toEqual({ ...spool, oldestAt: shown });
});

test('once the configuration file is gone, sessions end, none begins, and agents keep their results', async () => {
  const agent = connect(true);
  expect(await agent.outcome).toBe('welcome');
  renameSync(join(folder, 'netsonde.db'), join(folder, 'aside'));
  agent.send({
    type: 'status',
    loopDelayP99Ms: 0,
    running: 0,
    spool: { records: 0, bytes: 0, oldestAt: null, dropped: 0 },
  });
  expect(await agent.ended).toBe('store_fault');
  expect(await connect(true).outcome).toBe('store_fault');
  renameSync(join(folder, 'aside'), join(folder, 'netsonde.db'));
  expect(await connect(true).outcome).toBe('welcome');
});

test('2,000 silent connections neither keep an agent out nor flood the log', async () => {
  const warned: string[] = [];
  await fleet.close();
  fleet = new Fleet({ ...parts(), log: { ...quiet, warn: (line) => void warned.push(line) } });
  const { port } = server.address() as AddressInfo;
  const rejections: string[] = [];
  for (let opened = 0; opened < 2000; opened += 100) {
    const some = Array.from(
      { length: 100 },
      () => new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT } }),
    );
    for (const socket of some) socket.on('message', (data) => rejections.push(JSON.parse(String(data)).code));
    sockets.push(...some);
    await Promise.all(some.map((socket) => once(socket, 'open')));
  }
  await expect.poll(() => rejections.length).toBeGreaterThan(0);
  expect(new Set(rejections)).toEqual(new Set(['too_slow']));
  expect(await connect(true).outcome).toBe('welcome');
  expect(fleet.online()).toEqual(new Set([1]));
  expect(warned).toHaveLength(1);
}, 60_000);

test('last-heard times of many agents are written together and can be read before they are written', async () => {
  const seen = new SeenBook({ db: config.db, failed: (_agents, error) => expect.fail(String(error)) });
  const row = { name: 'a2', public_key: 'k2', labels: '{}', enrolled_at: 1, epoch: 0, capabilities: '[]' };
  const unset = { system: null, address: null, last_seen_at: null, revoked_at: null };
  await config.db
    .insertInto('agent')
    .values({ ...row, ...unset, clock_offset_ms: null, clock_error_ms: null })
    .execute();
  seen.note(1, 5000, { offsetMs: 3, errorMs: 1 });
  seen.note(2, 6000, null);
  seen.note(1, 7000, null);
  expect([seen.lastMs(1), seen.lastMs(2), seen.lastMs(3)]).toEqual([7000, 6000, undefined]);
  await seen.write();
  expect(
    await config.db
      .selectFrom('agent')
      .select(['last_seen_at', 'clock_offset_ms', 'clock_error_ms'])
      .orderBy('id')
      .execute(),
  ).toEqual([
    { last_seen_at: 7000, clock_offset_ms: 3, clock_error_ms: 1 },
    { last_seen_at: 6000, clock_offset_ms: null, clock_error_ms: null },
  ]);
  expect(seen.lastMs(1)).toBeUndefined();
});
