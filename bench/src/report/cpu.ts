import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Clock ticks of /proc a second: fixed at 100 for user space on Linux (USER_HZ). */
const TICKS_PER_S = 100;

/** CPU time of this process with all its threads, s, user and system together. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU time of another process so far, s, to 10 ms. @throws Error when it is gone. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Bytes that a process has caused to be written to the disk. */
export function writtenBytesOf(pid: number): number {
  const line = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'));
  return Number(line?.[1]);
}

/** Resident memory of a process, MB (10^6 bytes). */
export function residentMbOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return (Number(line?.[1]) * 1024) / 1e6;
}

/** The output of a program, and its cost. */
export interface FinishedProgram {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly wallSeconds: number;
  /** User and system, to 10 ms. */
  readonly cpuSeconds: number;
}

/**
 * Runs a program until it ends. No other child of this process may end meanwhile: their CPU times are reported
 * together.
 */
export async function runMeasured(command: string, args: readonly string[]): Promise<FinishedProgram> {
  const before = childrenCpuSeconds();
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    code,
    wallSeconds: (performance.now() - started) / 1000,
    cpuSeconds: childrenCpuSeconds() - before,
  };
}

/** CPU time of all children that have ended, s. */
function childrenCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_S;
}
