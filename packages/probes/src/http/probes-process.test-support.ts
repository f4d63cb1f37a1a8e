import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How one run of a process of its own ended, and what it cost that process. */
export interface CostlyRun {
  readonly verdict: string;
  readonly operation: string | null;
  readonly tookMs: number;
  /** By how much the process's resident memory was above what it was before, at most. */
  readonly grewBytes: number;
  /** The longest time that its event loop did nothing else. */
  readonly longestTurnMs: number;
}

/** A process that runs probes one after another. */
export interface RunningProbes {
  run(probe: string, target: string, options: Readonly<Record<string, unknown>>): Promise<CostlyRun>;
  close(): Promise<void>;
}

const DIST = new URL('../../dist/', import.meta.url).href;
const PROGRAM = `
  const { catalog, parseTarget } = await import('${DIST}catalog.js');
  const { execute, openSystemRunHost, runners } = await import('${DIST}runtime.js');
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  const { createInterface } = await import('node:readline');
  const { readFileSync } = await import('node:fs');
  const resident = () => 1024 * Number(/VmRSS:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const host = openSystemRunHost({ refusal: () => null });
  for await (const line of createInterface({ input: process.stdin })) {
    const [probe, text, options] = JSON.parse(line);
    const descriptor = catalog[probe];
    globalThis.gc();
    const before = resident();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, resident())), 5);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const startedMs = performance.now();
    const { outcome } = await execute(host, descriptor, runners[probe], parseTarget(descriptor.target, text), descriptor.options.parse(options));
    const tookMs = performance.now() - startedMs;
    most = Math.max(most, resident());
    clearInterval(watch);
    delay.disable();
    const result = { verdict: outcome.verdict, operation: outcome.finding?.operation ?? null, tookMs, grewBytes: most - before, longestTurnMs: delay.max / 1e6 };
    process.stdout.write(JSON.stringify(result) + '\\n');
  }
  await host.close();
`;

/** Starts such a process, with the probes as compiled last. */
export async function startProbes(): Promise<RunningProbes> {
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  return {
    async run(probe, target, options) {
      child.stdin.write(`${JSON.stringify([probe, target, options])}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`the process ended at ${probe} ${target}`);
      return JSON.parse(value) as CostlyRun;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
