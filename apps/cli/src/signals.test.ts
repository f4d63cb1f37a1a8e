import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makePair, type Pair } from '../../server/src/settings/tls-pair.test-support.ts';
import { lives, type NetsondeProcess, serverOf, startNetsonde } from './own-agent/netsonde-process.test-parts.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
const started: NetsondeProcess[] = [];
const others = new Set<number>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-signals-'));
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.send('SIGKILL');
    await one.ended;
  }
  for (const pid of others) if (lives(pid)) process.kill(pid, 'SIGKILL');
  others.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function server(
  more: Record<string, string> = {},
  before?: (command: readonly string[]) => readonly string[],
): Promise<{ one: NetsondeProcess; port: number }> {
  const env = { NETSONDE_DATA: join(folder, 'data'), SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', ...more };
  const one = startNetsonde(['server'], env, before);
  started.push(one);
  await one.says('Netsonde runs at');
  return { one, port: Number(/Netsonde runs at https?:\/\/[^:]+:(\d+)/.exec(one.output())?.[1]) };
}

const fingerprint = ({ cert }: Pair): string => new X509Certificate(readFileSync(cert)).fingerprint256;

/** Fingerprint of the certificate that the server shows to a new connection. */
async function shown(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

test('renewed certificate files are used without a restart, half-renewed ones are not, and SIGTERM ends by SIGTERM', async () => {
  const [first, second, third] = ['first', 'second', 'third'].map((name) => makePair(folder, name)) as [
    Pair,
    Pair,
    Pair,
  ];
  const used = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const place = (name: 'cert' | 'key', { [name]: from }: Pair) => copyFileSync(from, used[name]);
  place('cert', first);
  place('key', first);
  const { one, port } = await server({ TLS_CERT: used.cert, TLS_KEY: used.key });
  expect(await shown(port)).toBe(fingerprint(first));
  const before = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(before, 'secureConnect');

  place('cert', second);
  one.send('SIGHUP');
  await one.says('the key is not that of the certificate');
  expect(await shown(port)).toBe(fingerprint(first));
  place('key', second);
  one.send('SIGHUP');
  await one.says('was renewed');
  expect(await shown(port)).toBe(fingerprint(second));
  before.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  expect(String((await once(before, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /);
  before.destroy();
  expect(one.output().match(/the key is not that/g)).toHaveLength(1);

  place('cert', third);
  place('key', third);
  await expect.poll(() => shown(port), { timeout: 60_000, interval: 200 }).toBe(fingerprint(third));
  one.send('SIGTERM');
  expect(await one.ended).toBe('SIGTERM');
});

test('under nohup a server outlives its terminal, and SIGHUP makes it read its files again', async () => {
  const log = join(folder, 'log');
  const { one } = await server({}, (command) => [
    'script',
    '-qfec',
    `bash -c 'nohup ${command.join(' ')} 2>&1 </dev/null | tee ${log}; true'`,
    '/dev/null',
  ]);
  const pid = serverOf(join(folder, 'data'));
  others.add(pid);
  one.send('SIGKILL');
  await one.ended;
  process.kill(pid, 'SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(lives(pid)).toBe(true);
});

test('as the first process of a container it ends with the code of the signal', async () => {
  const { one } = await server({}, (command) => ['unshare', '--pid', '--fork', '--mount-proc', ...command]);
  const children = readFileSync(`/proc/${one.pid}/task/${one.pid}/children`, 'utf8').trim();
  process.kill(Number(children), 'SIGTERM');
  expect(await one.ended).toBe(143);
});
