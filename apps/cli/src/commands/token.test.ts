import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startNetsonde } from '../own-agent/netsonde-process.test-parts.ts';
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

test('token create refuses a folder where no server has run, makes nothing, and names the folder', async () => {
  const { code, out, err } = await create(['--agent'], { NETSONDE_DATA: folder });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`no server has its database in ${folder}`);
  expect(err).toMatch(/--data or NETSONDE_DATA.*--new/);
  expect(existsSync(folder)).toBe(false);
});

test('token create --new makes the folder before the first start, and the server that starts there accepts the token', async () => {
  const { code, out } = await create(['--admin', '--new', '--data', folder], { NETSONDE_DATA: join(parent, 'other') });
  expect(code).toBe(0);
  expect(readdirSync(parent)).toEqual(['data']);
  expect(await bearerIsKnown(out.trim())).toBe(true);
  const later = await create(['--admin', '--data', folder]);
  expect(later.code).toBe(0);
  expect(await bearerIsKnown(later.out.trim())).toBe(true);
});

test('token create refuses another database in the folder of a server', async () => {
  await create(['--admin', '--new', '--data', folder]);
  const { code, err } = await create(['--agent', '--data', folder], { DATABASE_URL: 'sqlite:///other.db' });
  expect(code).toBe(2);
  expect(err).toMatch(/there is no .*other\.db/);
});

/** The message of the server's own start for these settings. */
async function startSays(env: NodeJS.ProcessEnv): Promise<string> {
  const server = await openServer(readSettings({ SERVER_PORT: '0', ...env }), { catalog }).catch(
    (error: Error) => error,
  );
  if (server instanceof Error) return server.message;
  await server.close();
  throw new Error('the server started');
}

test.each([[], ['--new']])(
  'token create reports an unusable place with the same message as the start of the server %s',
  async (...more) => {
    writeFileSync(folder, 'a file');
    for (const env of [
      { NETSONDE_DATA: folder },
      { NETSONDE_DATA: join(folder, 'below') },
      { NETSONDE_DATA: parent, DATABASE_URL: `sqlite:///${folder}` },
    ]) {
      const complaint = await startSays(env);
      expect(complaint).toMatch(/^(NETSONDE_DATA|DATABASE_URL) is /);
      expect(await create(['--agent', ...more], env)).toEqual({ code: 2, out: '', err: `${complaint}\n` });
    }
    expect(readdirSync(parent)).toEqual(['data']);
  },
);

test('token create names the option for a folder that was set by an option', async () => {
  writeFileSync(folder, 'a file');
  const complaint = await startSays({ NETSONDE_DATA: folder });
  const { code, err } = await create(['--admin', '--data', folder], { NETSONDE_DATA: parent });
  expect({ code, err }).toEqual({ code: 2, err: `${complaint.replace('NETSONDE_DATA', '--data')}\n` });
});

/** Root can read everything, so the command then runs as a user who cannot. */
const asNobody = (command: readonly string[]): readonly string[] =>
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command] : command;

test('token create reports a folder without read permission as such, not as one where no server has run', async () => {
  await create(['--admin', '--new', '--data', folder]);
  chmodSync(parent, 0o755);
  chmodSync(folder, 0);
  const one = startNetsonde(['token', 'create', '--agent'], { NETSONDE_DATA: folder }, asNobody);
  const code = await one.ended;
  await one.says('this process may not write there');
  chmodSync(folder, 0o700);
  expect([code, one.output()]).toEqual([2, expect.stringMatching(/^NETSONDE_DATA is /)]);
});
