import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/netsonde.js', import.meta.url));
const PATIENCE_MS = 60_000;

/** A `netsonde` command in its own process. */
export interface NetsondeProcess {
  readonly pid: number;
  /** All output of it and of what it started. */
  output(): string;
  /** The part of it on standard output. */
  printed(): string;
  says(text: string): Promise<void>;
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  send(signal: NodeJS.Signals): void;
}

/** @param before the command line in front of the command, which is then its last argument */
export function startNetsonde(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  before: (command: readonly string[]) => readonly string[] = (command) => command,
): NetsondeProcess {
  const [program = '', ...rest] = before([process.execPath, PROGRAM, ...args]);
  const { PATH, HOME } = process.env;
  const child = spawn(program, rest, { env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let printed = '';
  child.stdout.on('data', (data) => (printed += data));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    printed: () => printed,
    says: (text) =>
      until(
        () => `"${text}"; it said:\n${output}`,
        () => output.includes(text),
      ),
    ended,
    send: (signal) => void child.kill(signal),
  };
}

/** The process of the server that has locked a data folder. @throws Error where there is none */
export const serverOf = (dataFolder: string): number => Number(readFileSync(join(dataFolder, 'server.pid'), 'utf8'));

/** The agent process that a data folder's lock names; null where there is none. It is empty after a graceful end. */
export function agentOf(dataFolder: string): number | null {
  const lock = join(dataFolder, 'agent', 'lock');
  return existsSync(lock) ? Number(readFileSync(lock, 'utf8').split(' ')[0]) || null : null;
}

export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Waits until a condition holds. @throws Error that names the condition when time runs out. */
export async function until(what: () => string, holds: () => boolean): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`it never came to ${what()}`);
    await pause(20);
  }
}
