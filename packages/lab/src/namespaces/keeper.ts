import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { searchPath } from './preconditions.ts';

/**
 * A process that keeps a namespace open. It is `cat` on a pipe from this process. When this process ends, in whatever
 * way, the pipe closes, `cat` ends, and the kernel removes the namespace with its content.
 */
export interface Keeper {
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts `command args... cat` and waits until `cat` answers: then the namespace exists. */
export async function startKeeper(command: string, args: readonly string[]): Promise<Keeper> {
  const child = spawn(command, [...args, 'cat'], { env: searchPath(), stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.write('ready\n');
  const outcome = await Promise.race([
    once(child.stdout, 'data').then(() => 'ready' as const),
    once(child, 'exit').then(() => 'exit' as const),
    once(child, 'error').then(([error]) => Promise.reject(error)),
  ]);
  if (outcome === 'exit' || child.pid === undefined)
    throw new Error(`${command} made no namespace: ${complaint.trim()}`);
  return { pid: child.pid, close: () => endChild(child, () => child.stdin.end()) };
}

/** Asks a child to end and waits for it; kills it after two seconds. */
export async function endChild(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
  ask();
  await ended;
  clearTimeout(timer);
}
