import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program that runs beside the benchmark, in a process whose cost can be measured separately. */
export interface RunningProgram {
  readonly pid: number;
  /** Its output on stdout until now. */
  said(): string;
  /** Ends it with SIGTERM, after 8 s with SIGKILL. */
  stop(): Promise<void>;
}

export interface ProgramPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Receives its output on stderr; shown when it does not start. */
  readonly logFile: string;
  /** Its output on stdout once it is ready; absent: it is ready at once. */
  readonly ready?: RegExp;
}

const START_MS = 30_000;
const STOP_MS = 8000;

/** Starts a program and waits until it is ready. @throws Error with the program's output. */
export async function startProgram({ command, args, env, logFile, ready }: ProgramPlan): Promise<RunningProgram> {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const exited = once(child, 'exit');
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const untilReady = async () => {
    const end = performance.now() + START_MS;
    while (ready !== undefined && !ready.test(said)) {
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`${command} ${args.join(' ')} did not start: ${said}${readFileSync(logFile, 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await untilReady().catch(async (error: unknown) => {
    await stop(child, exited);
    throw error;
  });
  return { pid: child.pid ?? 0, said: () => said, stop: () => stop(child, exited) };
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
