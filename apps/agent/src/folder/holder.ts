import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The agent that has locked a data folder, as its lock file says. */
export interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot; '' where it is not known. It tells two processes of one id apart. */
  readonly start: string;
  /** Whether the kernel holds the lock. false: versions before, and hosts without file locks, go by the process id. */
  readonly byKernel: boolean;
  /** '' in lock files of earlier versions. */
  readonly host: string;
  /** Process namespace; '' where it is not known. */
  readonly namespace: string;
}

const BY_KERNEL = 'flock';

/**
 * This process as one line for the lock file. Earlier versions read the first two words and stay away while that process
 * is alive.
 */
export function holderLine(byKernel: boolean): string {
  const words = [process.pid, startOf(process.pid), byKernel ? BY_KERNEL : 'pid', oneWord(hostname()), ownNamespace()];
  return `${words.join(' ')}\n`;
}

/** null: the text names no process, as after a graceful end. */
export function readHolder(text: string): Holder | null {
  const [pid = '', start = '', kind = '', host = '', namespace = ''] = text.trim().split(' ');
  if (!/^\d+$/.test(pid)) return null;
  return { pid: Number(pid), start, byKernel: kind === BY_KERNEL, host, namespace };
}

/** Whether the process is seen alive from here, and is another one than this. */
export function isAlive({ pid, start }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return start === '' || startOf(pid) === start;
}

/** Where the holder runs, for a message: `process 12`, with host and container where they are not this process's. */
export function whereIs({ pid, host, namespace }: Holder): string {
  if (host !== '' && host !== oneWord(hostname())) return `process ${pid} on the host ${host}`;
  const elsewhere = namespace !== '' && namespace !== ownNamespace();
  if (elsewhere) return `process ${pid} in another container of this host, process namespace ${namespace}`;
  return pid === process.pid ? 'of this process' : `process ${pid}`;
}

const oneWord = (name: string): string => name.replace(/\s/g, '-');

/** Start time of a process, from /proc; '' on platforms without it. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Number of this process's namespace of process ids. */
function ownNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
