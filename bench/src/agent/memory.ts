import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentMbOf } from '../report/cpu.ts';
import { NETSONDE, openProduct } from '../running/product.ts';
import { startProgram } from '../running/program.ts';

/** Resident memory, MB. */
export interface Memory {
  readonly agentMb: number;
  readonly serverMb: number;
}

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));

/** An idle server and an idle agent. */
export async function idleMemory(seconds: number): Promise<Memory> {
  const product = await openProduct();
  try {
    const agent = await product.startAgent('bench');
    await product.agentInStep('bench');
    await sleep(seconds);
    return { agentMb: residentMbOf(agent.pid), serverMb: residentMbOf(product.server.pid) };
  } finally {
    await product.close();
  }
}

/** What `netsonde up` runs: server and agent with the starter test. */
export async function starterMemory(seconds: number): Promise<Memory> {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
  const up = await startProgram({
    command: process.execPath,
    args: [NETSONDE, 'up'],
    env: { NETSONDE_DATA: join(folder, 'data'), SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' },
    logFile: join(folder, 'up.log'),
    ready: /runs at \S+/,
  });
  try {
    await sleep(seconds);
    return { agentMb: residentMbOf(childOf(up.pid)), serverMb: residentMbOf(up.pid) };
  } finally {
    await up.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The only child of a process. @throws Error when there is none. */
function childOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
  if (child === undefined || child === '') throw new Error(`process ${pid} has no child`);
  return Number(child);
}
