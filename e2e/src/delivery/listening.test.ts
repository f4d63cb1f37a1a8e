import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { PROTOCOL_HEADER, PROTOCOL_TEXT, SERVER_HEADER, SESSION_PATH } from '@netsonde/protocol';
import { expect, type TestContext } from 'vitest';
import { WebSocket } from 'ws';
import { makeCertificate } from './certificate.ts';
import { account } from './expected-runs.ts';
import { pause, until } from './ground.ts';
import type { LocalAgent } from './local-agent.ts';
import { type Meeting, test } from './meeting.test-support.ts';
import { startSessionServer } from './session-server.ts';

/** An agent that listens on a free loopback port. */
async function listen(
  here: Meeting,
  flags: object = {},
): Promise<LocalAgent & { readonly url: string; readonly port: number }> {
  const local = await here.start({
    server: undefined,
    listen: '127.0.0.1:0',
    token: await here.server.token(),
    ...flags,
  });
  const place = local.agent.listens ?? '';
  return { ...local, url: `http://${place}`, port: Number(place.split(':')[1]) };
}

/** Waits until the server reports this for an address. */
async function complains(here: Meeting, place: { readonly id: number } | null, about: RegExp): Promise<void> {
  const said = () => lastError(here, place?.id ?? 0);
  await until(`the server says ${about}`, () => about.test(said())).catch((error: unknown) => {
    throw new Error(`${String(error)}; it says: ${said()}`);
  });
}
const lastError = (here: Meeting, id: number) =>
  here.server.fleet.listening.list().find((one) => one.id === id)?.lastError ?? '';

test('a listening agent enrols, gets an assignment, and its results are stored', async ({ here }) => {
  here.server.assign([here.ground.check(1, 200, 2, Date.now())]);
  const { url, said } = await listen(here);
  const added = await here.server.fleet.listening.add(url);
  expect(added).toMatchObject({ url, agent: null });
  await said(/connected to 127\.0\.0\.1:\d+ as agent 1/);
  await until('results are kept', () => here.ground.kept.runs.length > 4);
  expect(here.server.fleet.listening.ofAgent(1)).toMatchObject({ state: 'connected', agent: 1, lastError: null });
  expect(await here.server.fleet.listening.add(url)).toBeNull();
});

test('a restarted server dials the agents entered before, and nothing is lost', async ({ here }) => {
  const check = here.ground.check(1, 200, 1, Date.now());
  here.server.assign([check]);
  const { url } = await listen(here);
  await here.server.fleet.listening.add(url);
  await until('results are kept', () => here.ground.kept.runs.length > 2);
  await here.server.fleet.listening.close();
  await here.server.vanish();
  await pause(700);
  here.server = await startSessionServer(here.ground.folder, here.ground.kept, { checks: [check] });
  await here.server.fleet.listening.open();
  await here.online();
  const back = Date.now();
  await until('results of after that are kept', () => here.ground.kept.runs.some(({ at }) => at > back + 1000));
  await until(
    'each instant until then is accounted for once',
    () => account(here.ground.kept, check, 1, back).faults.length === 0,
  );
});

test('the port of an agent answers only its own server', async ({ here }) => {
  const { port, said, lines } = await listen(here);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    let text = '';
    socket.on('data', (data) => (text += data)).on('close', () => resolve(text));
  });
  expect(answer).toBe('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  const upgrade = (headers: Record<string, string>, path = SESSION_PATH) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
        headers: { ...headers, [PROTOCOL_HEADER]: PROTOCOL_TEXT },
      });
      const heard: string[] = [];
      socket.on('unexpected-response', (_request, response) => resolve(`HTTP ${response.statusCode}`));
      socket.on('message', (data) => {
        heard.push(JSON.parse(String(data)).type);
        const key = 'A'.repeat(43);
        const lie = { type: 'challenge', serverKey: key, nonce: key, signature: key, serverMs: 0 };
        socket.send(JSON.stringify(lie));
      });
      socket.on('close', () => resolve(heard.join()));
      socket.on('error', () => {});
    });
  expect(await upgrade({})).toBe('HTTP 404');
  expect(await upgrade({ [SERVER_HEADER]: 'B'.repeat(43) })).toBe('HTTP 404');
  const named = { [SERVER_HEADER]: `${'B'.repeat(43)},${here.server.fleet.keys.newest.fingerprint}` };
  expect(await upgrade(named, '/')).toBe('HTTP 404');
  expect(await upgrade(named)).toBe('hello');
  await said(/a connection from 127\.0\.0\.1 was turned away: this server is not the one/);
  expect(lines.filter((line) => /does not name the server/.test(line))).toHaveLength(1);
});

test('a caller that only claims to be the server cannot make the agent give up', async ({ here }) => {
  const { port, agent, url } = await listen(here);
  let ended = false;
  agent.ended.then(() => (ended = true));
  for (const code of ['revoked', 'cloned', 'token_invalid'])
    await new Promise<void>((resolve) => {
      const { fingerprint } = here.server.fleet.keys.newest;
      const headers = { [SERVER_HEADER]: fingerprint, [PROTOCOL_HEADER]: PROTOCOL_TEXT };
      const socket = new WebSocket(`ws://127.0.0.1:${port}${SESSION_PATH}`, { headers });
      const said = { type: 'rejected', code, message: 'go away', retry: false };
      socket.on('open', () => socket.send(JSON.stringify(said)));
      socket.on('close', () => resolve());
    });
  await here.server.fleet.listening.add(url);
  await here.online();
  expect(ended).toBe(false);
});

test('strangers who hold connections open do not keep the server out', async ({ here, onTestFinished }) => {
  const { port, url } = await listen(here);
  const strangers = Array.from({ length: 60 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => strangers.forEach((socket) => void socket.destroy()));
  await Promise.all(strangers.map((socket) => (socket.connecting ? once(socket, 'connect') : null)));
  await until('most are hung up on', () => strangers.filter(({ closed }) => closed).length >= 44);
  await here.server.fleet.listening.add(url);
  await here.online();
  const slow = request({ port, host: '127.0.0.1', path: SESSION_PATH }).on('error', () => {});
  slow.flushHeaders();
  await once(slow, 'close');
});

test('a dial error says what to do: no listener, an agent of another server, no agent at all', async ({ here }) => {
  const nobody = await here.server.fleet.listening.add('http://127.0.0.1:1');
  await complains(here, nobody, /nothing listens at http:\/\/127\.0\.0\.1:1 \(conn/);
  expect(here.server.log.filter((line) => /nothing listens/.test(line))).toHaveLength(1);
  const token = (await here.server.token()).replace(/[\w-]{43}$/, 'B'.repeat(43));
  const foreign = await here.server.fleet.listening.add((await listen(here, { token })).url);
  await complains(here, foreign, /does not wait for this server: start the agent/);
  const other = await here.server.fleet.listening.add(here.server.url);
  await complains(here, other, /answers HTTP 421: that is no agent/);
  const plain = await here.server.fleet.listening.add(
    (await listen(here, { name: 'p', data: join(here.ground.folder, 'p') })).url.replace('http', 'https'),
  );
  await complains(here, plain, /closed the connection while TLS was being set up: write http:/);
  expect(here.server.fleet.online().size).toBe(0);
});

test('an agent that is entered twice has one session and continues', async ({ here }) => {
  const { url, agent, port } = await listen(here);
  let ended = false;
  agent.ended.then(() => (ended = true));
  await here.server.fleet.listening.add(url);
  await here.online();
  const second = await here.server.fleet.listening.add(`http://localhost:${port}`);
  await complains(here, second, /this very agent has a session from 127/);
  expect([here.server.fleet.online().size, ended, here.server.fleet.listening.ofAgent(1)?.url]).toEqual([
    1,
    false,
    url,
  ]);
});

test('a revoked agent is no longer dialled', async ({ here }) => {
  const { url, agent } = await listen(here);
  await here.server.fleet.listening.add(url);
  await here.online();
  await here.server.fleet.revoke(1);
  expect(await agent.ended).toMatch(/revoked/);
  expect(here.server.fleet.listening.list()).toEqual([]);
  expect(await here.server.config.db.selectFrom('listening_agent').selectAll().execute()).toEqual([]);
});

/** Forwards bytes until it is asked to discard them, like a cut cable. */
async function between(
  port: number,
  onTestFinished: TestContext['onTestFinished'],
): Promise<{ readonly port: number; cut(): void }> {
  const pairs: (readonly [Socket, Socket])[] = [];
  const proxy: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    pairs.push([near, far]);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => to.write(data));
      from.on('close', () => to.destroy()).on('error', () => {});
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy();
    proxy.close();
  });
  const cut = () => {
    for (const socket of pairs.splice(0).flat()) {
      socket.removeAllListeners('data').removeAllListeners('close').resume();
      onTestFinished(() => void socket.destroy());
    }
  };
  return { port: (proxy.address() as { port: number }).port, cut };
}

test('a connection that falls silent is replaced, whichever side notices first', async ({ here, onTestFinished }) => {
  here.server.assign([here.ground.check(1, 200, 1, Date.now())]);
  const { port, lines, said } = await listen(here);
  const cable = await between(port, onTestFinished);
  await here.server.fleet.listening.add(`http://127.0.0.1:${cable.port}`);
  await said(/connected to/);
  for (let times = 2; times < 5; times++) {
    cable.cut();
    await until('it is connected again', () => lines.filter((line) => /connected to/.test(line)).length >= times);
    const before = here.ground.kept.runs.length;
    await until('results flow', () => here.ground.kept.runs.length > before + 2);
  }
});

/** Fingerprint of the certificate that a TLS server shows. */
async function shownAt(port: number): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

const fingerprint = (pem: Buffer): string => new X509Certificate(pem).fingerprint256;

test('with its own certificate, also a renewed one, the TLS session is bound, and a man in the middle is noticed', async ({
  here,
  onTestFinished,
}) => {
  const own = makeCertificate(here.ground.folder, 'own');
  const { port, url, said, agent } = await listen(here, { tlsCert: own.certFile, tlsKey: own.keyFile });
  const place = await here.server.fleet.listening.add(url.replace('http:', 'https:'));
  await here.online();

  const renewed = makeCertificate(here.ground.folder, 'renewed');
  copyFileSync(renewed.certFile, own.certFile);
  await agent.reload();
  await said(/new files are not used, the certificate before stays: .*the key is not that of the certificate/);
  expect(await shownAt(port)).toBe(fingerprint(own.cert));
  copyFileSync(renewed.keyFile, own.keyFile);
  await agent.reload();
  expect(await shownAt(port)).toBe(fingerprint(renewed.cert));
  expect(here.server.fleet.online().size).toBe(1);
  // A session that begins with the renewed certificate is bound to it.
  await here.server.fleet.listening.remove(place?.id ?? 0);
  await until('it is gone', () => here.server.fleet.online().size === 0);
  const again = await here.server.fleet.listening.add(url.replace('http:', 'https:'));
  await here.online();
  await here.server.fleet.listening.remove(again?.id ?? 0);
  await until('it is gone', () => here.server.fleet.online().size === 0);

  const other = makeCertificate(here.ground.folder, 'other');
  const ears = createTlsServer(other, (near) => {
    const far = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    near.pipe(far).on('error', () => near.destroy());
    far.pipe(near).on('error', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(ears, 'listening');
  onTestFinished(() => void ears.close());
  const eared = await here.server.fleet.listening.add(`https://127.0.0.1:${(ears.address() as { port: number }).port}`);
  await said(/turned away: the server could not prove its key for this connection/);
  await complains(here, eared, /before it had proved its key/);
  expect(here.server.fleet.online().size).toBe(0);
});

test('without TLS outside loopback there is a warning, and a port in use is named', async ({ here }) => {
  const { lines, port } = await listen(here, { listen: '0.0.0.0:0' });
  expect(lines.some((line) => /^UNENCRYPTED: sessions with 0\.0\.0\.0:\d+ can be read/.test(line))).toBe(true);
  await expect(listen(here, { listen: `127.0.0.1:${port}`, data: join(here.ground.folder, 'b') })).rejects.toThrow(
    /--listen: another program listens at 127\.0\.0\.1:\d+ already/,
  );
});

test.for<[url: string, why: RegExp]>([
  ['169.254.169.254', /is no URL/],
  ['http://169.254.169.254:80', /169\.254\.169\.254 is a cloud metadata address: this server does not dial it/],
  ['http://[::ffff:169.254.169.254]:80', /does not dial/],
  ['http://[64:ff9b::169.254.169.254]:80', /does not dial/],
  ['http://[2002:a9fe:a9fe::1]:80', /does not dial/],
  ['http://2852039166:80', /does not dial/],
  ['http://[fe80::1]:5001', /does not dial/],
  ['http://224.0.0.1:5001', /does not dial/],
  ['http://[ff02::1]:5001', /does not dial/],
  ['http://host', /names no port/],
  ['ftp://host:5001', /no scheme that is known/],
  ['http://u:p@host:5001', /no user name/],
  ['http://host:5001/path', /nothing after the port/],
])('%s is never dialled', async ([url, why], { here }) => {
  await expect(here.server.fleet.listening.add(url)).rejects.toThrow(why);
  expect(here.server.fleet.listening.list()).toEqual([]);
});
