import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '@netsonde/lab';

const MAIN = fileURLToPath(new URL('stack-main.mjs', import.meta.url));
const WEB = fileURLToPath(new URL('../../../apps/web/dist', import.meta.url));
const START_MS = 30_000;

export interface StackAgent {
  readonly name: string;
  /** `key=value` each. */
  readonly labels: readonly string[];
  /** Ranges of addresses that its owner's policy denies. */
  readonly deny?: readonly string[];
}

/** A real server with its dashboard, and real agents. */
export interface Stack {
  readonly url: string;
  /** URL of the set-up of the first admin. */
  readonly setupLink: string;
  close(): Promise<void>;
}

export interface StackPlan {
  readonly agents: readonly StackAgent[];
  /** Additional environment variables of the server. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Additional environment variables of the process itself, such as those of a wrong clock. */
  readonly process?: Readonly<Record<string, string>>;
  /** Modules with additional probes: each exports `descriptor` and `runner`. */
  readonly probes?: readonly URL[];
  /** A host of the lab to run on; absent: this one. */
  readonly host?: Host;
}

/** Starts a stack with its own data folder. @throws Error with the output of the process when it does not start. */
export async function startStack({
  agents,
  environment = {},
  process: env,
  probes = [],
  host,
}: StackPlan): Promise<Stack> {
  if (!existsSync(join(WEB, 'index.html')))
    throw new Error('the dashboard is not built: run npm run build --workspace @netsonde/web');
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-e2e-'));
  const args = [MAIN, JSON.stringify({ folder, webFolder: WEB, environment, agents, probes })];
  const options = {
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  };
  const child =
    host === undefined ? spawn(process.execPath, args, options) : host.spawn(process.execPath, args, options);
  const close = async () => {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { url, setupLink } = JSON.parse(await firstLine(child)) as { url: string; setupLink: string };
    return { url, setupLink, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    const timer = setTimeout(
      () => reject(new Error(`the stack is not up after ${START_MS} ms: ${complaint}`)),
      START_MS,
    );
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString()}`.slice(-4000);
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const end = said.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(said.slice(0, end));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the stack ended with ${code}: ${complaint}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
