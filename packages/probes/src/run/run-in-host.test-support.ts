import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Host } from '@netsonde/lab';
import { WATCH_THIS_PROCESS, type Watched } from './calm-run.test-support.ts';
import type { Execution } from './execute.ts';

/** The operations that these helpers need of a lab host. */
export interface ProgramHost {
  exec(program: string, args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** This host. `started` gets each measuring process, so that the caller can end one that hangs. */
export function thisHost(started: (child: ChildProcess) => void): ProgramHost {
  return {
    async exec(program, args) {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      started(child);
      const output = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => {
        output.stdout += String(chunk);
      });
      child.stderr.on('data', (chunk) => {
        output.stderr += String(chunk);
      });
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, ...output };
    },
  };
}

/** Compiled files, since a program in another namespace needs its own process. */
const DIST = new URL('../../dist/', import.meta.url).href;

const RUN = `
  const { catalog, parseTarget } = await import('${DIST}catalog.js');
  const { execute, openSystemRunHost, runners } = await import('${DIST}runtime.js');
  const run = async ([probe, text, options, isWatched, suspendAfterMs = 0, name = '']) => {
    const host = openSystemRunHost({ refusal: () => null });
    const descriptor = catalog[probe];
    const target = parseTarget(descriptor.target, text);
    const stillMs = isWatched ? ${WATCH_THIS_PROCESS} : () => 0;
    if (suspendAfterMs > 0) setTimeout(() => process.kill(process.pid, 'SIGSTOP'), suspendAfterMs);
    const result = await execute(host, descriptor, runners[probe], target, descriptor.options.parse(options));
    const stalledMs = stillMs();
    await host.close();
    process.stdout.write(JSON.stringify({ name, result, stalledMs }) + '\\n');
  };
`;
const ONE_RUN = `${RUN} await run(JSON.parse(process.argv[1]));`;
const ALL_AT_ONCE = `${RUN} await Promise.all(JSON.parse(process.argv[1]).map(run));`;
const A_RUN_FOR_EACH_LINE = `
  ${RUN}
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: process.stdin })) await run(JSON.parse(line));
`;
const MODULE = ['--input-type=module', '-e'];

const MOST_RUNS = 4;

type Options = Readonly<Record<string, unknown>>;

/**
 * Runs a registered probe on a host of the lab, in its own process, from the last build. A run whose process was
 * stalled lacks figures and is repeated, a few times at most.
 */
export async function runInHost(
  host: ProgramHost,
  probe: string,
  target: string,
  options: Options = {},
): Promise<Execution> {
  for (let left = MOST_RUNS - 1; ; left -= 1) {
    const { result } = await start(host, [probe, target, options, false]);
    if (result.stalledMs === 0 || left === 0) return result;
  }
}

/** The same, and also watches that process for stalls. */
export function watchedInHost(
  host: ProgramHost,
  probe: string,
  target: string,
  options: Options = {},
): Promise<Watched<Execution>> {
  return start(host, [probe, target, options, true]);
}

/** The same, but the process suspends itself this long after its run began. The caller must resume it. */
export async function suspendedInHost(
  host: ProgramHost,
  probe: string,
  target: string,
  { options, suspendAfterMs }: { readonly options: Options; readonly suspendAfterMs: number },
): Promise<Execution> {
  return (await start(host, [probe, target, options, false, suspendAfterMs])).result;
}

/** One run of a registered probe. */
export interface HostRun {
  readonly probe: string;
  readonly target: string;
  readonly options: Options;
}

/** Runs all of them at once, in one process on a host of the lab; the executions are keyed by the caller's names. */
export async function runAllInHost(
  host: ProgramHost,
  runs: Readonly<Record<string, HostRun>>,
): Promise<Readonly<Record<string, Execution>>> {
  const names = Object.keys(runs);
  const given = names.map((name) => [runs[name]?.probe, runs[name]?.target, runs[name]?.options, false, 0, name]);
  const { code, stdout, stderr } = await host.exec(process.execPath, [...MODULE, ALL_AT_ONCE, JSON.stringify(given)]);
  if (code !== 0) throw new Error(`the probes ended with ${code}: ${stderr}`);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; result: Execution });
  return Object.fromEntries(lines.map(({ name, result }) => [name, result]));
}

async function start(host: ProgramHost, given: readonly unknown[]): Promise<Watched<Execution>> {
  const { code, stdout, stderr } = await host.exec(process.execPath, [...MODULE, ONE_RUN, JSON.stringify(given)]);
  if (code !== 0) throw new Error(`probe ${given[0]} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Watched<Execution>;
}

/** A process on a host of the lab that runs probes one after another, as an agent there does. */
export interface Prober {
  /** Runs a registered probe, from the last build. @throws Error with the process's output if it ends instead */
  run(probe: string, target: string, options?: Options): Promise<Execution>;
  close(): Promise<void>;
}

/** Starts a prober; it ends with {@link Prober.close}, or with the process that started it. */
export function openProber(host: Pick<Host, 'spawn'>): Prober {
  const child = host.spawn(process.execPath, [...MODULE, A_RUN_FOR_EACH_LINE], { stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('the prober has no pipes');
  let said = '';
  stderr.on('data', (data) => (said += data));
  stdin.on('error', () => {});
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  return {
    async run(probe, target, options = {}) {
      stdin.write(`${JSON.stringify([probe, target, options, false])}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`the prober ended at ${probe} ${target}: ${said}`);
      return (JSON.parse(value) as Watched<Execution>).result;
    },
    async close() {
      stdin.end();
      await ended;
    },
  };
}
