import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nextInstant, phaseMs } from '@netsonde/protocol';
import type { Agent, LedgerRow, Overview } from '@netsonde/protocol/api';
import { createAdminToken, createAgentToken } from '@netsonde/server';
import { type LoadAgent, openLoadAgent } from './intake/load-agent.ts';
import { printFigure } from './report/figure.ts';

/**
 * Forged records: an enrolled agent sends results of checks and targets that the plan did not give to it, three quarters
 * of them of another agent's check at its planned instants, a quarter of a check that never was. Another process asks for
 * /healthz and /overview before, during and after. `--records` (1,000,000), `--quiet` (seconds before and after, 10).
 */
const { values } = parseArgs({
  options: { records: { type: 'string', default: '1000000' }, quiet: { type: 'string', default: '10' } },
});
const RECORDS = Number(values.records);
const QUIET_MS = Number(values.quiet) * 1000;
const PER_FRAME = 250;
const INTERVAL_MS = 1000;
const TARGETS = 20;
/** A number that no check of a new server has. */
const NO_CHECK = 4_000_000;
const PATHS = ['/healthz', '/api/v1/overview'] as const;
/** The server is taken to be stuck when it settles nothing for so long, ms. */
const STUCK_MS = 60_000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

const start = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
  spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });

/** What a process prints, up to the first match. */
function said(child: Child, wanted: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (data: Buffer) => {
      text += data.toString();
      const found = wanted.exec(text)?.[1];
      if (found === undefined) return;
      child.stdout.off('data', onData);
      resolve(found);
    };
    child.stdout.on('data', onData);
    child.once('exit', () => reject(new Error(`a process ended and said ${JSON.stringify(text)}`)));
  });
}

const report = (figure: string, unit: string, value: number): void =>
  printFigure({
    bench: 'forged',
    figure,
    unit,
    rounds: [value],
    note: `${RECORDS} forged records, server, agent and asking process on one machine`,
  });

async function slowest(watch: Child, when: string): Promise<void> {
  const answer = said(watch, /DONE (.*)\n/);
  watch.stdin.write('next\n');
  const found = JSON.parse(await answer) as Record<string, number>;
  for (const path of PATHS) report(`slowest answer of ${path}, ${when}`, 'ms', found[path] ?? Number.NaN);
}

interface Victim {
  readonly agent: number;
  readonly check: number;
  readonly targets: readonly number[];
  readonly plannedMs: number;
}

function forgedRecord(seq: number, { agent, check, targets, plannedMs }: Victim): object {
  const isInvented = seq % 4 === 3;
  const target = targets[seq % targets.length] ?? 0;
  const phase = phaseMs(agent, check, target, INTERVAL_MS);
  const at = nextInstant({ intervalMs: INTERVAL_MS, phaseMs: phase, startMs: plannedMs, endMs: null }, plannedMs) ?? 0;
  return {
    t: 'run',
    seq,
    check: isInvented ? NO_CHECK : check,
    target,
    at: at + Math.floor(seq / targets.length / 100) * INTERVAL_MS,
    late: 1,
    took: 1,
    verdict: 'up',
    metrics: {},
    absent: {},
    stamps: { kernel: 0, process: 1 },
  };
}

/** Sends all records as fast as credits allow, until the server has settled each. @returns seconds */
async function forge(agent: LoadAgent, pump: { run: () => void }, victim: Victim): Promise<number> {
  const startMs = performance.now();
  let made = 0;
  pump.run = () => {
    while (made < RECORDS && agent.credits() > 0) {
      const count = Math.min(PER_FRAME, RECORDS - made);
      const items = Array.from({ length: count }, (_, i) => forgedRecord(made + i, victim));
      agent.send(Buffer.from(JSON.stringify({ type: 'records', kind: 'live', epoch: 1, items })));
      made += count;
    }
  };
  pump.run();
  const settled = () => agent.acknowledged() + agent.refused();
  let last = 0;
  let lastMs = performance.now();
  while (settled() < RECORDS) {
    await after(20);
    if (settled() !== last) [last, lastMs] = [settled(), performance.now()];
    if (performance.now() - lastMs > STUCK_MS) throw new Error(`only ${last} of ${RECORDS} records are settled`);
  }
  return (performance.now() - startMs) / 1000;
}

async function run(url: string, folder: string): Promise<void> {
  const bearer = await createAdminToken(folder, 'bench');
  const headers = { authorization: `Bearer ${bearer}` };
  const get = async <Body>(path: string): Promise<Body> => {
    const answer = await fetch(`${url}/api/v1${path}`, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  };
  const owner = await openLoadAgent(url, await createAgentToken(folder, 'owner'), 'owner', () => undefined);
  const pump: { run: () => void } = { run: () => undefined };
  const forger = await openLoadAgent(url, await createAgentToken(folder, 'forger'), 'forger', () => pump.run(), true);
  const made = await fetch(`${url}/api/v1/tests`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'owned',
      targets: Array.from({ length: TARGETS }, (_, i) => ({ address: `192.0.2.${i + 1}` })),
      checks: [{ probe: 'icmp' }],
      agents: { by: 'chosen', agents: [owner.id] },
      interval: INTERVAL_MS / 1000,
      duration: null,
    }),
  });
  if (!made.ok) throw new Error(`POST /tests: ${made.status} ${await made.text()}`);
  const test = (await made.json()) as { id: number; checks: { id: number }[]; targets: { id: number }[] };
  const plannedMs = Date.now();
  const victim = {
    agent: owner.id,
    check: test.checks[0]?.id ?? 0,
    targets: test.targets.map(({ id }) => id),
    plannedMs,
  };
  const watch = start('./fleet/http-watch-process.js', [url, bearer, ...PATHS]);
  try {
    await said(watch, /(READY)/);
    await after(QUIET_MS);
    await slowest(watch, 'before');
    const seconds = await forge(forger, pump, victim);
    await slowest(watch, 'during');
    await after(QUIET_MS);
    await slowest(watch, 'after');
    report('settled', 'records/s', RECORDS / seconds);
    const results = await get<{ results: unknown[] }>(`/tests/${test.id}/results?limit=1`);
    const { rows } = await get<{ rows: LedgerRow[] }>('/ledger');
    const stored = rows.reduce((sum, row) => sum + row.stored, 0);
    report('stored as results', 'results', stored + results.results.length);
    report('results per minute in the overview', 'results', (await get<Overview>('/overview')).resultsPerMinute);
    const { refused, unplanned } = await get<Agent>(`/agents/${forger.id}`);
    for (const [reason, count] of Object.entries(refused)) report(`refused: ${reason}`, 'records', count);
    report('kept apart as unplanned', 'records', unplanned?.records ?? 0);
  } finally {
    watch.kill('SIGKILL');
    owner.close();
    forger.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'netsonde-forged-'));
const server = start('./fleet/measured-server.js', [], {
  NETSONDE_DATA: folder,
  SERVER_HOST: '127.0.0.1',
  SERVER_PORT: '0',
});
try {
  await run(await said(server, /URL (\S+)/), folder);
} finally {
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
  rmSync(folder, { recursive: true, force: true });
}
