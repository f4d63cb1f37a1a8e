import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { agentOptionsFrom } from '@netsonde/agent';
import { PROTOCOL_HEADER, PROTOCOL_TEXT } from '@netsonde/protocol';
import { expect } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { makeCertificate } from './certificate.ts';
import { pause, until } from './ground.ts';
import { type Meeting, test } from './meeting.test-support.ts';

/** An agent with its log; `url` and `data` override the usual ones. */
const start = (
  here: Meeting,
  token: string | undefined,
  { name = 'a', url = here.server.url, data = name }: { name?: string; url?: string; data?: string } = {},
) => here.start({ server: url, token, name, data: join(here.ground.folder, data) });

test('a token works as often as allowed and then says so, and a new agent without one does not start', async ({
  here,
}) => {
  const token = await here.server.token(1);
  await start(here, token);
  await here.online();
  const second = await start(here, token, { name: 'b' });
  expect(await second.agent.ended).toMatch(/token is used up: make a new one with/);
  await expect(start(here, undefined, { name: 'c' })).rejects.toThrow(/--token is missing/);
});

test('an invalid, an expired and a foreign token each say what to do', async ({ here }) => {
  const good = await here.server.token();
  const wrong = good.replace(/\.[\w-]{43}\./, `.${'A'.repeat(43)}.`);
  expect(await (await start(here, wrong, { name: 'a' })).agent.ended).toMatch(/does not know the token/);
  const expired = await here.server.token(1, Date.now() - 1000);
  expect(await (await start(here, expired, { name: 'b' })).agent.ended).toMatch(/token expired at 2/);
  const foreign = good.replace(/[\w-]{43}$/, 'B'.repeat(43));
  expect(await (await start(here, foreign, { name: 'c' })).agent.ended).toMatch(
    /not the one that the token was made on/,
  );
  expect(() => agentOptionsFrom({}, { server: here.server.url, token: 'rubbish' })).toThrow(
    /--token: this is no enrolment token/,
  );
  expect(here.server.fleet.online().size).toBe(0);
});

test('a name in use is refused', async ({ here }) => {
  const token = await here.server.token(null);
  await start(here, token);
  await here.online();
  const second = await start(here, token, { name: 'a', data: 'other' });
  expect(await second.agent.ended).toMatch(/agent named "a" already: choose another with --name/);
});

test('a copied data folder is noticed and shown, and the agent itself continues', async ({ here }) => {
  const first = await start(here, await here.server.token());
  await first.said(/connected to/);
  cpSync(join(here.ground.folder, 'a'), join(here.ground.folder, 'copy'), {
    recursive: true,
    filter: (path) => !path.endsWith('/lock'),
  });
  const copy = await start(here, undefined, { name: 'a', data: 'copy' });
  await copy.said(/another host or folder has the key of agent 1 \(a\) already, and was heard from 127\.0\.0\.1/);
  expect(here.server.fleet.online().size).toBe(1);
  const row = () => here.server.config.db.selectFrom('agent').selectAll().executeTakeFirstOrThrow();
  expect(await row()).toMatchObject({ address: '127.0.0.1', clone_address: '127.0.0.1' });
  expect(Math.abs(Date.now() - Number((await row()).clone_seen_at))).toBeLessThan(60_000);
  await first.agent.close();
  await pause(4000);
  expect(here.server.fleet.online().size, 'the copy waits while the first one is away').toBe(0);
  const again = await start(here, undefined);
  await here.online();
  await again.said(/connected to/);
  expect(await here.server.fleet.acceptMove(1)).toBe(true);
  await again.said(/another host or folder has the key/);
});

test('an older copy is noticed by its epoch', async ({ here }) => {
  const first = await start(here, await here.server.token());
  await first.said(/connected to/);
  await first.agent.close();
  cpSync(join(here.ground.folder, 'a'), join(here.ground.folder, 'old'), { recursive: true });
  const second = await start(here, undefined);
  await here.online();
  await second.agent.close();
  await here.server.config.db
    .updateTable('agent')
    .set({ epoch: Date.now() + 3_600_000, host: null })
    .execute();
  const old = await start(here, undefined, { data: 'old' });
  expect(await old.agent.ended).toMatch(/copied or restored/);
  const { clone_address } = await here.server.config.db.selectFrom('agent').selectAll().executeTakeFirstOrThrow();
  expect(clone_address).toBe('127.0.0.1');
});

test('a revoked agent is informed at once and does not reconnect', async ({ here }) => {
  const { agent } = await start(here, await here.server.token());
  await here.online();
  await here.server.fleet.revoke(1);
  expect(await agent.ended).toMatch(/revoked/);
  const again = await start(here, undefined);
  expect(await again.agent.ended).toMatch(/was revoked: .*enrol with a new token/);
});

test('two agents cannot share a data folder', async ({ here }) => {
  await start(here, await here.server.token());
  await expect(start(here, undefined)).rejects.toThrow(/is in use by another agent|cannot be opened/);
});

test('no listener, an unknown host and a server that is not Netsonde each say what to do', async ({
  here,
  onTestFinished,
}) => {
  const http = createHttpServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  onTestFinished(() => void http.close());
  await new Promise((resolve) => http.once('listening', resolve));
  const other = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const token = await here.server.token(null);
  await (await start(here, token, { name: 'r', url: 'http://127.0.0.1:1' })).said(
    /nothing listens at http:\/\/127\.0\.0\.1:1 \(connection refused\): start the server/,
  );
  await (await start(here, token, { name: 'o', url: other })).said(
    /answers \(HTTP 404\), but not as a Netsonde server/,
  );
  await (
    await start(here, token, {
      name: 'w',
      url: here.server.url.replace('127.0.0.1', 'localhost').replace('http:', 'https:'),
    })
  ).said(/does not speak TLS|cannot be reached/);
});

test('without TLS outside loopback there is a warning', async ({ here }) => {
  const { lines } = await start(here, await here.server.token(), { url: 'http://192.0.2.1:5000' });
  expect(lines.some((line) => /^UNENCRYPTED: .*192\.0\.2\.1/.test(line))).toBe(true);
});

/** Sends raw frames to the server; resolves with its answers when it hangs up. */
function byHand(
  here: Meeting,
  ...frames: readonly (string | Buffer)[]
): Promise<{ type: string; code?: string; message?: string }[]> {
  return new Promise((resolve, reject) => {
    const heard: { type: string }[] = [];
    const socket = new WebSocket(`${here.server.url.replace('http', 'ws')}/agent/session`, {
      headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
    });
    socket.on('message', (data) => heard.push(JSON.parse(String(data))));
    socket.on('open', () => {
      for (const frame of frames) socket.send(frame);
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

test('malformed frames are answered with the fault, logged, and affect no other client', async ({ here }) => {
  const hello = { type: 'hello', protocol: 1, agentKey: 'A'.repeat(43), nonce: 'B'.repeat(43) };
  for (const [frame, message] of [
    ['not json', /it is not JSON/],
    ['{"type":"nonsense"}', /type/],
    [JSON.stringify({ ...hello, nonce: 5 }), /nonce/],
    [Buffer.from([1, 2, 3]), /binary/],
    [JSON.stringify({ type: 'bye', reason: '' }), /begins with "hello"/],
    [JSON.stringify({ ...hello, protocol: 99 }), /version 1 of the protocol, the agent version 99: update the server/],
  ] as const) {
    const last = (await byHand(here, frame)).at(-1);
    expect(last?.type).toBe('rejected');
    expect(last?.message).toMatch(message);
  }
  // The first of each kind is logged at once, the others are counted: strangers cannot fill the log.
  const logged = here.server.log.filter((line) => /ended: (bad_message|protocol_version)/.test(line));
  expect(logged.map((line) => /bad_message|protocol_version/.exec(line)?.[0])).toEqual([
    'bad_message',
    'protocol_version',
  ]);
  const proof = {
    type: 'proof',
    signature: 'AAAA',
    name: 'x',
    labels: {},
    epoch: 1,
    assignmentHash: null,
    capabilities: [],
    system: {
      hostname: 'h',
      platform: 'p',
      release: 'r',
      arch: 'a',
      cpus: 1,
      memoryBytes: 1,
      node: 'n',
      version: 'v',
      addresses: [],
    },
  };
  expect((await byHand(here, JSON.stringify(hello), JSON.stringify(proof))).at(-1)).toMatchObject({
    type: 'rejected',
    code: 'bad_proof',
  });
  await start(here, await here.server.token());
  await here.online();
});

test('a self-signed certificate suffices, since the pinned key signs the TLS session, and a man in the middle is noticed', async ({
  here,
  onTestFinished,
}) => {
  const tls = createTlsServer(makeCertificate(here.ground.folder, 'own'));
  tls.on('upgrade', (request, socket, head) => here.server.fleet.fleet.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    tls.closeAllConnections();
    tls.close();
  });
  const { agent, said } = await start(here, await here.server.token(), {
    url: `https://127.0.0.1:${(tls.address() as AddressInfo).port}`,
  });
  await here.online();
  await said(/connected to/);
  await agent.close();

  const between = createTlsServer(makeCertificate(here.ground.folder, 'other'));
  between.on('upgrade', (request, socket) => {
    const onward = new WebSocket(`${here.server.url.replace('http', 'ws')}/agent/session`, {
      headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
    });
    const relay = new WebSocketServer({ noServer: true });
    relay.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}`));
    relay.handleUpgrade(request, socket, Buffer.alloc(0), (inward) => {
      const waiting: string[] = [];
      inward.on('message', (data) =>
        onward.readyState === onward.OPEN ? onward.send(String(data)) : waiting.push(String(data)),
      );
      onward.on('open', () => {
        for (const frame of waiting) onward.send(frame);
      });
      onward.on('message', (data) => inward.send(String(data)));
      onward.on('close', () => inward.close());
      inward.on('close', () => onward.close());
    });
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    between.closeAllConnections();
    between.close();
  });
  const caught = await start(here, undefined, { url: `https://127.0.0.1:${(between.address() as AddressInfo).port}` });
  await caught.said(/could not prove its key for this connection.*goes on measuring and tries again/);
  expect(here.server.fleet.online().size).toBe(0);
});

test('an invalid policy file refuses everything and says so', async ({ here }) => {
  mkdirSync(join(here.ground.folder, 'a'));
  writeFileSync(join(here.ground.folder, 'a', 'policy.json'), '{"allow": ["10.0.0.0/99"]}');
  here.server.assign([here.ground.check(1, 200, 1, Date.now())]);
  const { lines } = await start(here, await here.server.token());
  const refused = () => here.ground.kept.missed.filter(({ reason }) => reason === 'policy');
  await until('runs are refused', () => refused().length > 2);
  expect(here.ground.kept.runs).toEqual([]);
  expect(lines.some((line) => /10\.0\.0\.0\/99/.test(line))).toBe(true);
});
