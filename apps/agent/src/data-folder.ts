import { closeSync, existsSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A data folder that this process has locked. */
export interface DataFolder {
  readonly path: string;
  file(name: string): string;
  release(): void;
}

/** Folders that this process has locked: their lock file names this process, which is alive. */
const held = new Set<string>();

/** Makes the folder (mode 0700) and locks it. @throws Error that names the process that holds the lock. */
export function takeDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`--data: ${path} cannot be made: ${error instanceof Error ? error.message : error}`);
  }
  const lock = join(path, 'lock');
  if (held.has(path))
    throw new Error(`--data: ${path} is in use by another agent of this process: choose another folder`);
  if (!tryLock(lock)) {
    const holder = holderOf(lock);
    if (holder !== null)
      throw new Error(
        `--data: ${path} is in use by another agent (process ${holder}): stop it, or choose another folder`,
      );
    unlinkSync(lock);
    if (!tryLock(lock)) throw new Error(`--data: ${path} was taken by another agent just now: choose another folder`);
  }
  held.add(path);
  return {
    path,
    file: (name) => join(path, name),
    release: () => {
      held.delete(path);
      if (existsSync(lock)) unlinkSync(lock);
    },
  };
}

/** The living process whose agent has locked a data folder; null where none has. */
export function dataFolderHolder(path: string): number | null {
  const lock = join(path, 'lock');
  return existsSync(lock) ? holderOf(lock) : null;
}

function tryLock(lock: string): boolean {
  try {
    const fd = openSync(lock, 'wx', 0o600);
    writeSync(fd, `${process.pid} ${startOf(process.pid) ?? ''}\n`);
    closeSync(fd);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new Error(`--data: ${lock} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * The process that wrote the lock, if it is still alive. Its start time tells it from a later process with the same
 * id.
 */
function holderOf(lock: string): number | null {
  const [pid = '', start = ''] = readFileSync(lock, 'utf8').trim().split(' ');
  if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return null;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return null;
  }
  return start !== '' && startOf(Number(pid)) !== start ? null : Number(pid);
}

/** Start time of a process in clock ticks since boot, from /proc; null on platforms without it. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
