import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PairOfHosts, pairOfHosts } from '@netsonde/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInHost } from '../run/run-in-host.test-support.ts';

const SERVER = `
  const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok';
  require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)))
    .listen(8080, '10.201.0.1', () => console.log('ready'));
`;
const RESOLVER = `
  require('node:net').createServer((socket) => socket.on('error', () => {}).once('data', (query) => {
    query[4] |= 0x80;
    socket.end(query);
  })).listen(8053, '10.201.0.1', () => console.log('ready'));
`;
/** The timeout of the run. The dead address must delay it far less. */
const TIMEOUT_MS = 20_000;

let hosts: PairOfHosts;
let folder: string;

beforeAll(async () => {
  hosts = await pairOfHosts();
  folder = mkdtempSync(join(tmpdir(), 'netsonde-race-'));
  writeFileSync(join(folder, 'hosts'), '2001:db8:1::78 both.test\n10.201.0.1 both.test\n');
  await hosts.measuring.ip(['address add 2001:db8:1::2/64 dev cable nodad']);
  for (const program of [SERVER, RESOLVER]) {
    const server = hosts.far.spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => server.stdout?.once('data', resolve));
  }
});
afterAll(async () => {
  await hosts.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The measuring host, where both.test has a dead IPv6 address and a live IPv4 one. */
const host = {
  exec: (program: string, args: readonly string[]) => {
    const line = ['--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', join(folder, 'hosts')];
    return hosts.measuring.exec('unshare', [...line, program, ...args]);
  },
};

test.each([
  ['http', 'http://both.test:8080/'],
  ['tcp', 'both.test:8080'],
])('%s connects to the live IPv4 address beside a dead IPv6 one, and reports both attempts', async (probe, target) => {
  const { outcome, log } = await runInHost(host, probe, target, { timeoutSeconds: TIMEOUT_MS / 1000 });
  expect(outcome.verdict, log.join('\n')).toBe('up');
  expect(outcome.detail.attempts).toMatchObject([
    { address: '[2001:db8:1::78]:8080', outcome: 'overtaken' },
    { address: '10.201.0.1:8080', outcome: 'connected' },
  ]);
  const [, winner] = outcome.detail.attempts as unknown as readonly { started_ms: number; took_ms: number }[];
  expect(winner?.started_ms).toBeGreaterThanOrEqual(249);
  expect(winner?.started_ms).toBeLessThan(TIMEOUT_MS / 4);
  expect(winner?.took_ms).toBeLessThan(TIMEOUT_MS / 4);
});

test('dns asks a resolver by name over TCP at its live IPv4 address, and reports both attempts', async () => {
  const options = { resolver: 'both.test:8053', transport: 'tcp', timeoutSeconds: TIMEOUT_MS / 1000 };
  const { outcome, log } = await runInHost(host, 'dns', 'one.lab.test', options);
  expect([outcome.verdict, outcome.detail.resolver], log.join('\n')).toEqual(['up', '10.201.0.1:8053']);
  expect(outcome.detail.connection_attempts).toMatchObject([
    // The kernel may know by then that the address is dead.
    { address: '[2001:db8:1::78]:8053', outcome: expect.stringMatching(/^(overtaken|EHOSTUNREACH)$/) },
    { address: '10.201.0.1:8053', outcome: 'connected' },
  ]);
  expect(outcome.metrics.setup_time_ms).toBeLessThan(TIMEOUT_MS / 4);
});

test('icmp measures the first address of the resolver, and reports resolver_order', async () => {
  const { outcome } = await runInHost(host, 'icmp', 'both.test', { count: 1, timeoutSeconds: 0.2 });
  expect(outcome.detail).toMatchObject({ address: '2001:db8:1::78', address_reason: 'resolver_order' });
});

test('with a family option, only that family is tried', async () => {
  const { outcome } = await runInHost(host, 'tcp', 'both.test:8080', { family: '4' });
  expect([outcome.verdict, outcome.detail.attempts]).toEqual(['up', undefined]);
});
