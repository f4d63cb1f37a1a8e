import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Agent } from '@netsonde/protocol/api';
import { createAdminToken } from '@netsonde/server';
import { printFigure } from './report/figure.ts';
import { type Api, apiOf } from './running/api.ts';

/**
 * Many agents with real sessions, in their own processes. They reconnect at once while another process requests pages.
 * Then more agents enrol, and a test for all of them is planned. `--agents`, `--tests`, `--enrolled`, `--targets`.
 */
const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '500' },
    tests: { type: 'string', default: '200' },
    enrolled: { type: 'string', default: '10000' },
    targets: { type: 'string', default: '20' },
  },
});
const [agents, tests, enrolled, targets] = [values.agents, values.tests, values.enrolled, values.targets].map(
  Number,
) as [number, number, number, number];
const PROCESSES = 2;

type Child = ChildProcessByStdio<Writable, Readable, null>;
const children: Child[] = [];

function start(script: URL, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const path = fileURLToPath(script);
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

/** The next output line of a process that matches; skips its log lines. */
function said(child: Child, wanted: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const look = (data: Buffer) => {
      text = (text + data.toString()).slice(-65_536);
      const found = wanted.exec(text);
      if (found === null) return;
      child.stdout.off('data', look);
      resolve(found[1] ?? '');
    };
    child.stdout.on('data', look);
  });
}

async function order(child: Child, line: string): Promise<string> {
  const answer = said(child, /DONE (.*)\n/);
  child.stdin.write(`${line}\n`);
  return answer;
}

async function loopDelayMs(server: Child): Promise<number> {
  const answer = said(server, /LOOP (\S+)\n/);
  server.kill('SIGUSR2');
  return Number(await answer);
}

const slowestOf = async (watch: Child): Promise<Record<string, number>> => JSON.parse(await order(watch, 'slowest'));

async function makeTest(api: Api, name: string, count: number): Promise<{ id: number }> {
  const addresses = Array.from({ length: count }, (_, i) => ({ address: `10.9.${i >> 8}.${i & 255}` }));
  const rest = { checks: [{ probe: 'icmp' }], agents: { by: 'labels', labels: {} }, interval: 60, duration: null };
  return api.post('/tests', { name, targets: addresses, ...rest });
}

async function tokenFor(api: Api, uses: number): Promise<string> {
  return (await api.post<{ token: string }>('/enrolment-tokens', { name: 'many', uses })).token;
}

async function startAgents(url: string, token: string, from: number, count: number): Promise<Child> {
  const child = start(new URL('./fleet/many-agents-process.js', import.meta.url), [
    url,
    token,
    String(from),
    String(count),
  ]);
  await said(child, /(READY)/);
  return child;
}

function report(figure: string, unit: string, value: number, note: string): void {
  printFigure({ bench: 'fleet', figure, unit, rounds: [value], note });
}

async function measure(folder: string): Promise<void> {
  const server = start(new URL('./fleet/measured-server.js', import.meta.url), [], {
    NETSONDE_DATA: folder,
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: '0',
  });
  const url = await said(server, /URL (\S+)\n/);
  const bearer = await createAdminToken(folder, 'bench');
  const api = apiOf(url, bearer);
  const share = Math.ceil(agents / PROCESSES);
  const fleets: Child[] = [];
  for (let i = 0; i < PROCESSES; i += 1)
    fleets.push(await startAgents(url, await tokenFor(api, share), i * share, share));
  await Promise.all(fleets.map((fleet) => order(fleet, 'connect 0')));
  const made: { id: number }[] = [];
  for (let i = 0; i < tests; i += 1) made.push(await makeTest(api, `test ${i}`, 1));
  const paths = ['/healthz', '/api/v1/me', `/api/v1/tests/${made[0]?.id}`, '/api/v1/audit?limit=10'];
  const watch = start(new URL('./fleet/http-watch-process.js', import.meta.url), [url, bearer, ...paths]);
  await said(watch, /(READY)/);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await slowestOf(watch);
  await loopDelayMs(server);

  const note = `${agents} agents x ${tests} tests, one machine for all processes`;
  await Promise.all(fleets.map((fleet) => order(fleet, 'disconnect')));
  for (const [path, ms] of Object.entries(await slowestOf(watch)))
    report(`leaving at once: slowest answer of ${path}`, 'ms', ms, note);
  report('leaving at once: longest block of the event loop', 'ms', await loopDelayMs(server), note);
  const tookMs = await Promise.all(fleets.map((fleet) => order(fleet, `connect ${tests}`)));
  report('reconnecting at once: all have answered their assignment', 's', Math.max(...tookMs.map(Number)) / 1000, note);
  for (const [path, ms] of Object.entries(await slowestOf(watch)))
    report(`reconnecting at once: slowest answer of ${path}`, 'ms', ms, note);
  report('reconnecting at once: longest block of the event loop', 'ms', await loopDelayMs(server), note);
  const inStep = (await api.get<Agent[]>('/agents')).filter(({ assignment }) => assignment.inStep).length;
  report('agents in step afterwards', 'agents', inStep, note);
  for (const fleet of fleets) fleet.stdin.end();
  if (enrolled > 0) await planMany(api, url, { server, watch });
  watch.stdin.end();
}

async function planMany(api: Api, url: string, { server, watch }: { server: Child; watch: Child }): Promise<void> {
  for (const { id } of await api.get<{ id: number }[]>('/tests')) await api.post(`/tests/${id}/stop`);
  const many = await startAgents(url, await tokenFor(api, enrolled), 1_000_000, enrolled);
  const enrolMs = performance.now();
  await order(many, 'connect 0 100');
  report(
    'enrolling: time of all agents',
    's',
    (performance.now() - enrolMs) / 1000,
    `${enrolled} agents, ${tests} tests`,
  );
  await order(many, 'disconnect');
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  for (const [path, ms] of Object.entries(await slowestOf(watch)).slice(0, 2))
    report(`enrolling: slowest answer of ${path}`, 'ms', ms, `${enrolled} agents`);
  report('enrolling: longest block of the event loop', 'ms', await loopDelayMs(server), `${enrolled} agents`);
  const startMs = performance.now();
  await makeTest(api, 'many', targets);
  const note = `${enrolled} more agents x ${targets} series, planned by one new test`;
  report('planning: time until all is written', 's', (performance.now() - startMs) / 1000, note);
  report('planning: longest block of the event loop', 'ms', await loopDelayMs(server), note);
  for (const [path, ms] of Object.entries(await slowestOf(watch)).slice(0, 2))
    report(`planning: slowest answer of ${path}`, 'ms', ms, note);
  many.stdin.end();
}

const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
try {
  await measure(folder);
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 500));
  rmSync(folder, { recursive: true, force: true });
}
