import { parentPort, workerData } from 'node:worker_threads';
import { makeIcmpRecord, seeded } from './make-record.ts';

/** Generates the load: frames of results of `agents` agents with `targets` targets each, as fast as requested. */
export interface LoadOrder {
  readonly agents: number;
  readonly targets: number;
  readonly perFrame: number;
  readonly intervalMs: number;
}

export interface LoadFrame {
  readonly agent: number;
  readonly results: number;
  readonly frame: Uint8Array;
}

const { agents, targets, perFrame, intervalMs } = workerData as LoadOrder;
const random = seeded(20_240_601);
const startMs = 1_700_000_000_000;
const made = new Float64Array(agents);

/** Each agent iterates over its targets. Every target keeps its own phase, as in the schedule. */
function makeFrame(agent: number): LoadFrame {
  const items = Array.from({ length: perFrame }, () => {
    const seq = made[agent] ?? 0;
    made[agent] = seq + 1;
    const target = seq % targets;
    const at = startMs + Math.floor(seq / targets) * intervalMs + ((target * 7919 + agent * 104_729) % intervalMs);
    return makeIcmpRecord(seq, 1, 1 + target, at, random);
  });
  return {
    agent: agent + 1,
    results: perFrame,
    frame: Buffer.from(JSON.stringify({ type: 'records', kind: 'live', epoch: 1, items })),
  };
}

let next = 0;
parentPort?.on('message', (count: number) => {
  for (let i = 0; i < count; i += 1) {
    parentPort?.postMessage(makeFrame(next));
    next = (next + 1) % agents;
  }
});
