import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { catalog } from '@netsonde/probes/catalog';
import { nextInstant, phaseMs } from '@netsonde/protocol';
import { createAdminToken, createAgentToken, openResultStore } from '@netsonde/server';
import { cpuSecondsOf, ownCpuSeconds, residentMbOf, writtenBytesOf } from '../report/cpu.ts';
import { folderBytes } from './folder-bytes.ts';
import { type LoadAgent, openLoadAgent } from './load-agent.ts';
import { makeIcmpRecord, seeded } from './make-record.ts';
import type { Watched, WatchOrder } from './watch-thread.ts';

export interface PathFigures {
  readonly results: number;
  readonly resultsPerSecond: number;
  readonly growthPerResult: number;
  readonly writtenPerResult: number;
  readonly serverCpuPer100k: number;
  /** CPU of folding and merging what was left when the server stopped. */
  readonly compactionCpuPer100k: number;
  /** The newest result of all 10,000 series. */
  readonly latestMs: number;
  readonly idleMb: number;
  readonly loadedMb: number;
  /** A minute after the load. */
  readonly settledMb: number;
  readonly liveEvents: number;
  readonly chartP95Ms: number;
}

const AGENTS = 20;
const TARGETS = 500;
const PER_FRAME = 50;
const INTERVAL_MS = 1000;
/** How far the server's clock is behind while the test is made, ms. */
const DAY_MS = 86_400_000;
/** The first spans begin within this time after the test was made, ms. */
const PLANNED_WITHIN_MS = 10_000;
/** How long the server has nothing to do before its memory is looked at again. */
const SETTLE_MS = 60_000;

/** Agents' sessions over WebSocket to a server in its own process, with a live stream open, while charts are requested. */
export async function benchPath(seconds: number, rate: number): Promise<PathFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
  const child = spawn(process.execPath, [fileURLToPath(new URL('./server-process.js', import.meta.url))], {
    env: { ...process.env, NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  try {
    const url = /URL (\S+)/.exec(String((await once(child.stdout, 'data'))[0]))?.[1] ?? '';
    const { empty, ...figures } = await measure(url, folder, child.pid ?? 0, seconds, rate);
    const written = (await writtenAtEnd(child)) - empty.written;
    const compacted = await compact(folder);
    const of = (bytes: number) => bytes / figures.results;
    return {
      ...figures,
      writtenPerResult: of(written + compacted.written),
      growthPerResult: of(compacted.bytes - empty.bytes),
      compactionCpuPer100k: of(compacted.cpu) * 1e5,
      latestMs: compacted.latestMs,
    };
  } finally {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Stops the server. @returns the bytes that it wrote since its start. */
async function writtenAtEnd(child: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  const written = /WRITTEN (\d+)/.exec(said)?.[1];
  if (written === undefined) throw new Error('the server did not say how much it wrote');
  return Number(written);
}

/**
 * Folds and merges all that is left, with the server stopped. Returns the size of the whole data folder then, and the
 * CPU time.
 */
async function compact(folder: string): Promise<{ bytes: number; written: number; cpu: number; latestMs: number }> {
  const before = { written: writtenBytesOf(process.pid), cpu: ownCpuSeconds() };
  const store = await openResultStore(folder, catalog);
  await store.compact();
  const startedMs = performance.now();
  await store.latest();
  const latestMs = performance.now() - startedMs;
  await store.close();
  const { written, cpu } = before;
  return {
    bytes: folderBytes(folder),
    written: writtenBytesOf(process.pid) - written,
    cpu: ownCpuSeconds() - cpu,
    latestMs,
  };
}

type Measured = Omit<PathFigures, 'growthPerResult' | 'writtenPerResult' | 'compactionCpuPer100k' | 'latestMs'> & {
  /** Before the load: size of the folder, and bytes written by the server. */
  readonly empty: { readonly bytes: number; readonly written: number };
};

async function measure(url: string, folder: string, pid: number, seconds: number, rate: number): Promise<Measured> {
  const bearer = await createAdminToken(folder, 'bench');
  const api = async (path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<unknown>;
  };
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const idleMb = residentMbOf(pid);
  const pump: { run: () => void } = { run: () => undefined };
  const agents: LoadAgent[] = [];
  for (let i = 0; i < AGENTS; i += 1)
    agents.push(await openLoadAgent(url, await createAgentToken(folder, `load-${i}`), `load-${i}`, () => pump.run()));
  const test = (await api('/tests', {
    name: 'load',
    targets: Array.from({ length: TARGETS }, (_, i) => ({ address: `10.9.${i >> 8}.${i & 255}` })),
    checks: [{ probe: 'icmp' }],
    agents: { by: 'chosen', agents: agents.map(({ id }) => id) },
    interval: INTERVAL_MS / 1000,
    duration: null,
  })) as { id: number; checks: { id: number }[]; targets: { id: number }[] };
  const check = test.checks[0]?.id ?? 0;
  // Results arrive faster than in real time. The plan began a day ago by the server's clock, which is set to the right
  // time now.
  const plannedMs = Date.now() - DAY_MS + PLANNED_WITHIN_MS;
  process.kill(pid, 'SIGUSR2');
  const order: WatchOrder = {
    url,
    bearer,
    chartPath: `/tests/${test.id}/series?check=${check}&metric=rtt_avg_ms&target=${test.targets[0]?.id}`,
  };
  const reader = new Worker(new URL('./watch-thread.js', import.meta.url), { workerData: order });
  const before = { bytes: folderBytes(folder), written: writtenBytesOf(pid), cpu: cpuSecondsOf(pid) };
  const startedMs = performance.now();
  await drive(agents, { check, targets: test.targets.map(({ id }) => id), plannedMs }, pump, seconds, rate);
  const elapsedS = (performance.now() - startedMs) / 1000;
  const results = agents.reduce((sum, agent) => sum + agent.acknowledged(), 0);
  const cpu = cpuSecondsOf(pid) - before.cpu;
  const figures = {
    results,
    resultsPerSecond: results / elapsedS,
    serverCpuPer100k: (cpu / results) * 1e5,
    idleMb,
    loadedMb: residentMbOf(pid),
    empty: before,
    ...(await watched(reader)),
  };
  for (const agent of agents) agent.close();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return { ...figures, settledMb: residentMbOf(pid) };
}

/** Sends results of all agents in turn, as fast as credits and rate allow, until all are acknowledged. */
async function drive(
  agents: readonly LoadAgent[],
  of: { check: number; targets: readonly number[]; plannedMs: number },
  pump: { run: () => void },
  seconds: number,
  rate: number,
): Promise<void> {
  const random = seeded(7);
  const made = new Float64Array(agents.length);
  const startedMs = performance.now();
  let sent = 0;
  let next = 0;
  const running = () => performance.now() - startedMs < seconds * 1000;
  pump.run = () => {
    for (let tried = 0; tried < agents.length && running(); tried += 1) {
      if (rate > 0 && sent >= (rate * (performance.now() - startedMs)) / 1000) return;
      const place = next;
      next = (next + 1) % agents.length;
      const agent = agents[place];
      if (agent === undefined || agent.credits() <= 0) continue;
      const items = Array.from({ length: PER_FRAME }, () => {
        const seq = made[place] ?? 0;
        made[place] = seq + 1;
        const target = seq % of.targets.length;
        return makeIcmpRecord(
          seq,
          of.check,
          of.targets[target] ?? 0,
          firstInstant(agent.id, of, target) + Math.floor(seq / of.targets.length) * INTERVAL_MS,
          random,
        );
      });
      agent.send(Buffer.from(JSON.stringify({ type: 'records', kind: 'live', epoch: 1, items })));
      sent += PER_FRAME;
    }
  };
  const timer = setInterval(() => pump.run(), 5);
  const done = () => agents.reduce((sum, agent) => sum + agent.acknowledged(), 0) === sent;
  while (running() || !done()) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(timer);
}

/** The server stores planned instants only. Each series has its own, from the start of the plan. */
function firstInstant(
  agent: number,
  { check, targets, plannedMs }: { check: number; targets: readonly number[]; plannedMs: number },
  place: number,
): number {
  const phase = phaseMs(agent, check, targets[place] ?? 0, INTERVAL_MS);
  const grid = { intervalMs: INTERVAL_MS, phaseMs: phase, startMs: plannedMs, endMs: null };
  return nextInstant(grid, plannedMs) ?? plannedMs;
}

async function watched(reader: Worker): Promise<Watched> {
  const answered = once(reader, 'message');
  reader.postMessage('stop');
  return (await answered)[0] as Watched;
}
