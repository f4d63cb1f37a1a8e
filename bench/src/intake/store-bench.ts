import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { catalog } from '@netsonde/probes/catalog';
import { openResultStore, type ResultStore } from '@netsonde/server';
import { ownCpuSeconds, residentMbOf, writtenBytesOf } from '../report/cpu.ts';
import { folderBytes } from './folder-bytes.ts';
import type { LoadFrame, LoadOrder } from './load-thread.ts';

export interface StoreBenchOptions {
  readonly agents: number;
  readonly targets: number;
  readonly seconds: number;
  /** Results per second; 0: as many as possible. */
  readonly rate: number;
}

export interface StoreBenchFigures {
  readonly results: number;
  readonly resultsPerSecond: number;
  readonly bytesPerResult: number;
  readonly writtenPerResult: number;
  readonly cpuPer100k: number;
  readonly chartP95Ms: number;
  readonly residentMb: number;
}

const PER_FRAME = 50;
const IN_FLIGHT = 64;

/** Sends frames from another thread directly to the store, while charts are requested. */
export async function benchStore({ agents, targets, seconds, rate }: StoreBenchOptions): Promise<StoreBenchFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
  const store = await openResultStore(folder, catalog);
  try {
    await store.setChecks([{ check: 1, probe: 'icmp' }]);
    const before = folderBytes(folder);
    const writtenBefore = writtenBytesOf(process.pid);
    const cpuBefore = ownCpuSeconds();
    const charts = watchCharts(store);
    const startedMs = performance.now();
    const results = await drive(store, { agents, targets, perFrame: PER_FRAME, intervalMs: 1000 }, seconds, rate);
    const elapsedS = (performance.now() - startedMs) / 1000;
    const chartMs = await charts.stop();
    const residentMb = residentMbOf(process.pid);
    await store.compact();
    const cpu = ownCpuSeconds() - cpuBefore;
    return {
      results,
      resultsPerSecond: results / elapsedS,
      bytesPerResult: (folderBytes(folder) - before) / results,
      writtenPerResult: (writtenBytesOf(process.pid) - writtenBefore) / results,
      cpuPer100k: (cpu / results) * 1e5,
      chartP95Ms: chartMs.sort((a, b) => a - b)[Math.floor(chartMs.length * 0.95)] ?? Number.NaN,
      residentMb,
    };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function drive(store: ResultStore, order: LoadOrder, seconds: number, rate: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const load = new Worker(new URL('./load-thread.js', import.meta.url), { workerData: order });
    const startedMs = performance.now();
    let asked = 0;
    let inFlight = 0;
    let stored = 0;
    const ask = () => {
      const elapsedS = (performance.now() - startedMs) / 1000;
      if (elapsedS >= seconds) return finish();
      const allowed = rate === 0 ? Number.POSITIVE_INFINITY : (rate * elapsedS) / order.perFrame;
      const count = Math.floor(Math.min(IN_FLIGHT - inFlight, allowed - asked));
      if (count <= 0) return;
      asked += count;
      inFlight += count;
      load.postMessage(count);
    };
    const timer = setInterval(ask, 5);
    const finish = () => {
      clearInterval(timer);
      if (inFlight === 0) void load.terminate().then(() => resolve(stored));
    };
    load.on('error', reject);
    load.on('message', ({ agent, frame }: LoadFrame) => {
      store.ingest({ origin: { agent, epoch: 1 }, frame, receivedMs: Date.now() }).then((report) => {
        if (report.resultCount !== order.perFrame)
          reject(
            new Error(
              `${report.resultCount} of ${order.perFrame} stored: ${report.malformed ?? report.refused[0]?.reason}`,
            ),
          );
        stored += report.resultCount;
        inFlight -= 1;
        ask();
      }, reject);
    });
  });
}

/** Requests a chart, the newest results and the ledger of one agent, repeatedly. */
function watchCharts(store: ResultStore): { stop(): Promise<number[]> } {
  const took: number[] = [];
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      const startMs = performance.now();
      await store.series({
        checks: [1],
        agent: 1,
        target: 1,
        metric: 'rtt_avg_ms',
        fromMs: 0,
        toMs: 4e12,
        points: 1000,
      });
      took.push(performance.now() - startMs);
      await store.results({ checks: [1], agent: 2 }, 50);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  const done = loop();
  return {
    async stop() {
      stopped = true;
      await done;
      return took;
    },
  };
}
