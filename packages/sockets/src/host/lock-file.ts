import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoName, NotSupportedError, SystemCallError } from '../kernel/errors.ts';
import { hostLibrary } from './c-library.ts';

/** Source: flock(2), sys/file.h, alike on Linux and macOS. */
const LOCK_EX = 2;
const LOCK_NB = 4;

/** A lock file is read up to here: what the holder wrote is one line. */
const MAX_TEXT_BYTES = 1024;
const MAX_TRIES = 10;

/** A file that this process has locked. The kernel drops the lock when the process ends in any way. */
export interface LockedFile {
  readonly outcome: 'locked';
  readonly fd: number;
  /** What the file held before, at most 1 KiB: the words of the previous holder. */
  readonly text: string;
  /** Whether `path` still names the locked file: another program may have deleted or replaced it. */
  inPlace(): boolean;
  /** Drops the lock. The file stays: deleting it would let two processes lock two files of one name. */
  release(): void;
}

/** Another process, or another holder in this one, has locked the file. `text`: what it wrote, at most 1 KiB. */
export interface FileInUse {
  readonly outcome: 'in_use';
  readonly text: string;
}

/** The kernel or the file system has no such locks, `reason` says why. Nothing is locked. */
export interface LockNotSupported {
  readonly outcome: 'not_supported';
  readonly reason: string;
}

/**
 * Locks a file with flock(2), without waiting, and creates it with mode 0600 if necessary. The lock is the kernel's: it
 * holds between containers on one host, and on NFS between hosts.
 * @throws Error of `open`, SystemCallError of `flock`
 */
export function lockFile(path: string): LockedFile | FileInUse | LockNotSupported {
  for (let tries = 1; ; tries += 1) {
    const fd = openSync(path, 'a+', 0o600);
    const refused = tryLock(fd, path);
    if (refused === undefined) {
      const locked = lockedFile(fd, path);
      if (locked.inPlace()) return locked;
      locked.release();
      if (tries === MAX_TRIES) return { outcome: 'in_use', text: '' };
      continue;
    }
    const text = firstText(fd);
    closeSync(fd);
    return refused === 'in_use' ? { outcome: 'in_use', text } : refused;
  }
}

function tryLock(fd: number, path: string): 'in_use' | LockNotSupported | undefined {
  let errno: number;
  try {
    const calls = hostLibrary();
    if (calls.flock(fd, LOCK_EX | LOCK_NB) === 0) return undefined;
    errno = calls.errno();
  } catch (error) {
    if (error instanceof NotSupportedError) return { outcome: 'not_supported', reason: error.message };
    closeSync(fd);
    throw error;
  }
  const { EWOULDBLOCK, ENOLCK, EOPNOTSUPP, ENOTSUP, ENOSYS, EINVAL } = constants.errno;
  if (errno === EWOULDBLOCK) return 'in_use';
  if ([ENOLCK, EOPNOTSUPP, ENOTSUP, ENOSYS, EINVAL].includes(errno))
    return { outcome: 'not_supported', reason: `the file system of ${path} has no file locks (${errnoName(errno)})` };
  closeSync(fd);
  throw new SystemCallError('flock', errno, path);
}

function lockedFile(fd: number, path: string): LockedFile {
  let open = true;
  return Object.freeze({
    outcome: 'locked',
    fd,
    text: firstText(fd),
    inPlace() {
      const named = statSync(path, { bigint: true, throwIfNoEntry: false });
      const own = fstatSync(fd, { bigint: true });
      return named !== undefined && named.ino === own.ino && named.dev === own.dev;
    },
    release() {
      if (!open) return;
      open = false;
      closeSync(fd);
    },
  });
}

function firstText(fd: number): string {
  const bytes = new Uint8Array(MAX_TEXT_BYTES);
  return new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)));
}
