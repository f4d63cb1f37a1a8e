import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LeafOptions, makeAuthority } from '@netsonde/lab';
import { catalog } from '@netsonde/probes/catalog';
import { openServer, type RunningServer, readSettings } from '@netsonde/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNetsonde } from '../own-agent/netsonde-process.test-parts.ts';
import { netsonde } from '../suite-terminal.test-parts.ts';

let folder: string;
const servers: RunningServer[] = [];
const listeners: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-doctor-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const listener of listeners.splice(0)) await new Promise((done) => listener.close(done));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(more: Record<string, string> = {}): Promise<RunningServer> {
  const env = { NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', ...more };
  const server = await openServer(readSettings(env), { catalog });
  servers.push(server);
  return server;
}

async function listenWith(server: Server): Promise<number> {
  listeners.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A server with a certificate for its address only, and the file of its authority. */
async function serveSecurely(
  options: LeafOptions = {},
  address = '127.0.0.1',
): Promise<{ server: RunningServer; ca: string }> {
  const authority = makeAuthority();
  const { chainPem, keyPem } = authority.issue({ names: [address], ...options });
  const env = { SERVER_HOST: address, TLS_CERT: fileOf('cert', chainPem), TLS_KEY: fileOf('key', keyPem) };
  return { server: await serve(env), ca: fileOf('ca', authority.rootPem) };
}

function fileOf(name: string, pem: string): string {
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, pem);
  return file;
}

async function doctor(...args: readonly string[]) {
  const { out, err, code } = await netsonde(['doctor', '--json', ...args]);
  return { code, err, server: out === '' ? null : JSON.parse(out).server };
}

const words = (server: { lines: { text: string }[] }) => server.lines.map(({ text }) => text).join('\n');

describe('netsonde doctor --server', () => {
  it('finds a healthy server, and shows the difference of the clocks with its error bound', async () => {
    const { url } = await serve();
    const { server } = await doctor('--server', url);
    expect(server).toMatchObject({ ok: true, url });
    expect(words(server)).toMatch(/as an agent does\n.*well \(version .*\n(its time: .*\n)?clock: .*give or take/);
    // Both use one host's clock: the measured difference must be within its stated bound.
    expect(Math.abs(server.clockOffsetMs)).toBeLessThanOrEqual(server.clockErrorMs);
  });

  it('says what is wrong when the connection is closed at once, also in its own process', async () => {
    const port = await listenWith(createServer((socket) => socket.destroy()));
    const one = startNetsonde(['doctor', '--server', `http://127.0.0.1:${port}`], {});
    expect(await one.ended).toBe(1);
    expect(one.output()).toMatch(/NO {3}http:\/\/127\.0\.0\.1:\d+ closed the connection/);
  });

  it('asks below the base path, as agents do, and nowhere else', async () => {
    const { url } = await serve({ BASE_PATH: '/netsonde' });
    expect(url).toMatch(/\/netsonde$/);
    expect((await doctor('--server', url)).server.ok).toBe(true);
    const above = await doctor('--server', new URL(url).origin);
    expect(above.server.ok).toBe(false);
    expect(words(above.server)).toMatch(/not as a Netsonde server: check host, port and base path/);
  });

  it.each(['127.0.0.1', '::1'])(
    'reaches a server at %s with a self-signed certificate, as an agent does, and checks it with --ca',
    async (address) => {
      const { server, ca } = await serveSecurely({}, address);
      const without = await doctor('--server', server.url);
      expect(without.server.ok).toBe(true);
      expect(words(without.server)).toMatch(/no authority that this host knows vouches for it/);
      const checked = await doctor('--server', server.url, '--ca', ca);
      expect(checked.server.ok).toBe(true);
      expect(words(checked.server)).toMatch(/vouched for by an authority of --ca/);
    },
  );

  it('reports each certificate fault by its own name', async () => {
    const { server, ca } = await serveSecurely();
    const other = fileOf('other', makeAuthority().rootPem);
    expect(words((await doctor('--server', server.url, '--ca', other)).server)).toMatch(/is not accepted.*--ca/);
    const { port } = new URL(server.url);
    const byName = await doctor('--server', `https://localhost:${port}`, '--ca', ca);
    expect(words(byName.server)).toMatch(/certificate of .* is for another name/);
    const plain = await doctor('--server', `http://127.0.0.1:${port}`);
    expect(words(plain.server)).toMatch(/closed the connection.*https:\/\//);
  });

  it('reports an expired certificate', async () => {
    const { server, ca } = await serveSecurely({ fromDays: -9, untilDays: -1 });
    expect(words((await doctor('--server', server.url, '--ca', ca)).server)).toMatch(/certificate of .* has expired/);
  });

  it.each([
    [['--server', 'foo'], /^--server: "foo" is not a URL/],
    [['--server', ''], /^--server: "" is not a URL/],
    [['--server', 'http://127.0.0.1:1', '--ca', '/nowhere.pem'], /^--ca: .*ENOENT/],
  ])('refuses %j with code 2', async (args, message) => {
    const { code, err, server } = await doctor(...args);
    expect({ code, server }).toEqual({ code: 2, server: null });
    expect(err).toMatch(message);
  });
});
