import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdminToken } from '@netsonde/server';
import { expect } from 'vitest';
import { type ApiCall, apiOf } from '../delivery/api-client.ts';
import { pause } from '../delivery/ground.ts';
import { type RealGround, test } from '../delivery/real-ground.test-support.ts';
import { freePort, startServerProcess } from '../delivery/server-process.ts';
import { watchProcess } from '../delivery/watched-process.ts';

const NETSONDE = fileURLToPath(new URL('../../../apps/cli/bin/netsonde.js', import.meta.url));

/** Runs a command to its end. */
async function run(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { child, output } = watchProcess('netsonde', [process.execPath, NETSONDE, ...args], {});
  if (child.exitCode === null) await new Promise((resolve) => child.once('close', resolve));
  return { code: child.exitCode, output: output() };
}

/** SHA-256 of the API's answers about one test in a window that is over, by route. */
async function hashes(api: ApiCall, test: number, window: { readonly from: string; readonly to: string }) {
  const span = `from=${window.from}&to=${window.to}`;
  const routes = [
    '/tests',
    `/tests/${test}/export.json?${span}`,
    `/tests/${test}/series?check=1&metric=connect_time_ms&${span}`,
    `/ledger?test=${test}&${span}`,
  ];
  const hashOf = async (route: string) => {
    const answer = await api<unknown>(route);
    // The test goes on, so that its progress and present verdicts change.
    const still =
      route === '/tests'
        ? (answer as { id: number; name: string; checks: unknown; targets: unknown }[]).map(
            ({ id, name, checks, targets }) => ({ id, name, checks, targets }),
          )
        : answer;
    return [route, createHash('sha256').update(JSON.stringify(still)).digest('hex')] as const;
  };
  return Object.fromEntries(await Promise.all(routes.map(hashOf)));
}

/** Results of the test up to an instant, which is over. */
async function settledWindow(real: RealGround, test: number): Promise<{ from: string; to: string }> {
  const to = Date.now();
  while ((await real.stored(test)) < 40) await pause(200);
  return { from: new Date(to - 600_000).toISOString(), to: new Date(to).toISOString() };
}

test('a backup of a running server, restored into another folder, gives the same answers, and a damaged backup is refused', async ({
  here,
}) => {
  const folder = join(here.ground.folder, 'server');
  const at = (name: string) => join(here.ground.folder, name);
  const real = await here.lay({ serverFolder: folder });
  const question = await real.test(200);
  await real.stored(question.test);
  await pause(3000);
  const window = await settledWindow(real, question.test);
  await pause(2000);
  const before = await hashes(real.api, question.test, window);

  const backup = await run('backup', '--to', at('backup'), '--data', folder);
  expect(backup).toMatchObject({ code: 0, output: expect.stringMatching(/1 tests, 1 agents.*left out: /s) });
  const files = readdirSync(at('backup')).sort();
  expect(files).toEqual(['backup.json', 'intake.db', 'netsonde.db', 'results.db', 'server-key.pem']);
  for (const file of files) expect(statSync(join(at('backup'), file)).mode & 0o777, file).toBe(0o600);
  expect(await run('backup', '--to', at('backup'), '--data', folder)).toMatchObject({ code: 3 });

  const used = await run('restore', '--from', at('backup'), '--data', folder);
  expect(used).toMatchObject({ code: 3, output: expect.stringMatching(/in use by process \d+/) });
  for (const name of files) {
    for (const damage of ['cut', 'changed'] as const) {
      const bad = at(`bad-${damage}-${name}`);
      cpSync(at('backup'), bad, { recursive: true });
      const file = join(bad, name);
      const bytes = readFileSync(file);
      if (damage === 'cut') truncateSync(file, bytes.length - 1);
      else {
        const middle = name === 'backup.json' ? bytes.indexOf('"version": "') + 12 : bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) === 0x39 ? 0x38 : 0x39;
        writeFileSync(file, bytes);
      }
      if (damage === 'cut' && name === 'backup.json') continue;
      const refused = await run('restore', '--from', bad, '--data', at(`new-${damage}-${name}`));
      expect(refused.code, refused.output).toBe(3);
      expect(refused.output).toContain(name);
      expect(existsSync(join(at(`new-${damage}-${name}`), 'netsonde.db'))).toBe(false);
    }
  }

  await real.server.stop();
  const restored = await run('restore', '--from', at('backup'), '--data', at('restored'));
  expect(restored, restored.output).toMatchObject({ code: 0 });
  expect(await run('restore', '--from', at('backup'), '--data', at('restored'))).toMatchObject({
    code: 3,
    output: expect.stringMatching(/is not empty/),
  });
  const port = await freePort();
  const server = startServerProcess({ dataFolder: at('restored'), port });
  await server.says('Netsonde runs at');
  try {
    const api = apiOf(`http://127.0.0.1:${port}`, await createAdminToken(at('restored'), 'suite'));
    expect(await hashes(api, question.test, window)).toEqual(before);
    const made = await api<{ id: number }>('/tests', {
      name: 'new',
      targets: [{ address: '127.0.0.1:9' }],
      checks: [{ probe: 'tcp' }],
      agents: { by: 'any', count: 1 },
      interval: 1,
      duration: null,
    });
    expect(made.id).toBeGreaterThan(question.test + 9999);
  } finally {
    await server.stop();
  }
}, 300_000);
