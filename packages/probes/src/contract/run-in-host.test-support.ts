import { WATCH_THIS_PROCESS, type Watched } from './calm-run.test-support.ts';
import type { Execution } from './execute.ts';

/** What a lab's host must be able to do here. */
interface ProgramHost {
  exec(program: string, args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Compiled files: a program in another namespace is another process. */
const DIST = new URL('../../dist/', import.meta.url).href;

const PROGRAM = `
  const [probe, text, options, isWatched] = JSON.parse(process.argv[1]);
  const { catalog, parseTarget } = await import('${DIST}catalog.js');
  const { execute, openSystemRunHost, runners } = await import('${DIST}runtime.js');
  const host = openSystemRunHost({ refusal: () => null });
  const descriptor = catalog[probe];
  const target = parseTarget(descriptor.target, text);
  const stillMs = isWatched ? ${WATCH_THIS_PROCESS} : () => 0;
  const result = await execute(host, descriptor, runners[probe], target, descriptor.options.parse(options));
  const stoodStillMs = stillMs();
  await host.close();
  process.stdout.write(JSON.stringify({ result, stoodStillMs }));
`;

/** Runs a registered probe on a host of the lab, in a process of its own, as compiled last. */
export async function runInHost(
  host: ProgramHost,
  probe: string,
  target: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Execution> {
  return (await start(host, [probe, target, options, false])).result;
}

/** The same, where that process is watched meanwhile. */
export function watchedInHost(
  host: ProgramHost,
  probe: string,
  target: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Watched<Execution>> {
  return start(host, [probe, target, options, true]);
}

async function start(host: ProgramHost, given: readonly unknown[]): Promise<Watched<Execution>> {
  const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify(given)];
  const { code, stdout, stderr } = await host.exec(process.execPath, args);
  if (code !== 0) throw new Error(`probe ${given[0]} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Watched<Execution>;
}
