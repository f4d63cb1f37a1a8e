import { parentPort, workerData } from 'node:worker_threads';

/** A user of a dashboard: an open live stream, and a chart that is requested repeatedly. */
export interface WatchOrder {
  readonly url: string;
  readonly bearer: string;
  readonly chartPath: string;
}

export interface Watched {
  readonly liveEvents: number;
  readonly chartP95Ms: number;
}

const BETWEEN_CHARTS_MS = 500;
const { url, bearer, chartPath } = workerData as WatchOrder;
const headers = { authorization: `Bearer ${bearer}` };
const stop = new AbortController();

async function countLive(): Promise<number> {
  let events = 0;
  try {
    const answer = await fetch(`${url}/api/v1/live`, { headers, signal: stop.signal });
    for await (const part of answer.body ?? [])
      events +=
        Buffer.from(part as Uint8Array)
          .toString('latin1')
          .split('event: results').length - 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return events;
}

async function timeCharts(): Promise<number> {
  const took: number[] = [];
  while (!stop.signal.aborted) {
    const startMs = performance.now();
    const now = Date.now();
    const window = `&from=${new Date(now - 600_000).toISOString()}&to=${new Date(now + 60_000).toISOString()}`;
    const answer = await fetch(`${url}/api/v1${chartPath}${window}`, { headers });
    if (!answer.ok) throw new Error(`${chartPath}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    took.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_CHARTS_MS));
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? Number.NaN;
}

parentPort?.once('message', () => stop.abort());
const [liveEvents, chartP95Ms] = await Promise.all([countLive(), timeCharts()]);
parentPort?.postMessage({ liveEvents, chartP95Ms } satisfies Watched);
