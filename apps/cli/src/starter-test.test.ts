import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LeafOptions, makeAuthority } from '@netsonde/lab';
import { catalog } from '@netsonde/probes/catalog';
import { createAdminToken, openServer, type RunningServer, readSettings } from '@netsonde/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { netsonde } from './suite-terminal.test-parts.ts';

interface ShownTest {
  readonly id: number;
  readonly description: string;
  readonly targets: readonly { readonly address: string }[];
  readonly checks: readonly { readonly probe: string; readonly options: Record<string, unknown> }[];
}

let folder: string;
const servers: RunningServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-starter-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const agents = { by: 'labels', labels: { host: 'local' } } as const;

/** Starts a server again, as `up` does. */
async function start(more: Record<string, string> = {}): Promise<RunningServer> {
  for (const server of servers.splice(0)) await server.close();
  const env = { NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', ...more };
  const server = await openServer(readSettings(env), { catalog });
  servers.push(server);
  await server.ensureStarterTest(agents);
  return server;
}

function certificate(options: LeafOptions, withRoot = false): Record<string, string> {
  const authority = makeAuthority();
  const { chainPem, keyPem } = authority.issue(options);
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, withRoot ? `${chainPem}\n${authority.rootPem}` : chainPem);
  writeFileSync(key, keyPem);
  return { TLS_CERT: cert, TLS_KEY: key };
}

async function call<Answer>({ url }: RunningServer, method: string, path: string, body?: unknown): Promise<Answer> {
  const bearer = await createAdminToken(folder, 'suite');
  const headers = {
    authorization: `Bearer ${bearer}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const ask = url.startsWith('https:') ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const request = ask(`${url}/api/v1${path}`, { method, headers, agent: false, rejectUnauthorized: false } as object);
    request.on('error', reject);
    request.on('response', async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve(text === '' ? (undefined as Answer) : JSON.parse(text));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function starterTest(server: RunningServer): Promise<ShownTest> {
  const [test] = await call<ShownTest[]>(server, 'GET', '/tests');
  if (test === undefined) throw new Error('there is no starter test');
  return test;
}

/** Runs the check of a probe as an agent would, and returns its exit code. */
async function runs({ targets, checks }: ShownTest, probe: string): Promise<number> {
  const options = checks.find((check) => check.probe === probe)?.options ?? {};
  const flags = [
    ...(options.verifyCertificate === false ? ['--verify-certificate=no'] : []),
    ...(options.ca ? ['--ca', String(options.ca)] : []),
    ...(options.family === undefined ? [] : ['--family', String(options.family)]),
  ];
  return (await netsonde(['probe', probe, targets[0]?.address ?? '', ...flags])).code;
}

describe('the starter test', () => {
  it.each([
    [
      'for 127.0.0.1 that vouches for itself',
      { names: ['127.0.0.1'], signer: 'self' },
      false,
      /^https:\/\/127\.0\.0\.1/,
      true,
    ],
    ['for localhost with its chain', { names: ['localhost'] }, true, /^https:\/\/localhost/, true],
    ['for localhost without its root', { names: ['localhost'] }, false, /^https:\/\/127\.0\.0\.1/, false],
    ['for another name', { names: ['netsonde.test'], signer: 'self' }, false, /^https:\/\/127\.0\.0\.1/, false],
  ] as const)('is up with a certificate %s', async (_what, options, withRoot, address, verified) => {
    const test = await starterTest(await start(certificate(options, withRoot)));
    expect(test.targets[0]?.address).toMatch(address);
    expect(test.checks.find(({ options }) => 'verifyCertificate' in options)?.options.verifyCertificate).toBe(verified);
    expect(/is not verified here/.test(test.description)).toBe(!verified);
    for (const probe of ['tcp', 'http']) expect([probe, await runs(test, probe)]).toEqual([probe, 0]);
  });

  it('is updated when the server moves to another port or to TLS, unless a user has edited it', async () => {
    const first = await starterTest(await start());
    const moved = await start();
    const followed = await starterTest(moved);
    expect(followed.id).toBe(first.id);
    expect(followed.targets[0]?.address).toBe(`${moved.url}/healthz`);
    expect(await runs(followed, 'http')).toBe(0);
    const secure = await starterTest(await start(certificate({ names: ['127.0.0.1'], signer: 'self' })));
    expect(secure.id).toBe(first.id);
    expect(await runs(secure, 'http')).toBe(0);
  });

  it('keeps the edits of users, and stays deleted when they delete it', async () => {
    const server = await start();
    const { id, targets, checks } = await starterTest(server);
    const edited = {
      name: 'Mine',
      targets: targets.map(({ address }) => ({ address })),
      checks: checks.map(({ probe, options }) => ({ probe, options })),
      agents,
      interval: 5,
      duration: null,
    };
    await call(server, 'PUT', `/tests/${id}`, edited);
    const again = await start();
    expect(await starterTest(again)).toMatchObject({ name: 'Mine', targets: [{ address: targets[0]?.address }] });
    await call(again, 'DELETE', `/tests/${id}`);
    expect(await call(await start(), 'GET', '/tests')).toEqual([]);
  });
});
