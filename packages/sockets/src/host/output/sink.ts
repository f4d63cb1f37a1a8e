import { constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A place for bytes that never makes the caller wait. */
export interface Sink {
  /** Number of bytes that were taken; 0: the reader does not read. @throws Error where no more can be written */
  write(bytes: Uint8Array): number;
  /** Bytes that were taken and have not left the process. @throws Error where they cannot */
  pending(): number;
}

/** Bytes that a stream of Node may hold before this counts as a reader that does not read. */
const MOST_IN_STREAM = 64 * 1024;

/**
 * Opens standard output (1) or standard error (2) without waiting. Node writes to terminals, pipes and files
 * synchronously, so a reader that does not read stops the process.
 * Terminals and pipes are opened again, through /proc: the flag O_NONBLOCK then belongs to this process alone, and not
 * to the shell and others that share the open file. Files never make a writer wait. All else (sockets, as of systemd,
 * and other platforms than Linux) is written by Node's own stream, whose queue is bounded here.
 */
export function openSink(fd: 1 | 2): Sink {
  const kind = fstatSync(fd);
  if (kind.isFile()) return { write: (bytes) => writeSync(fd, bytes), pending: () => 0 };
  if (process.platform === 'linux' && (kind.isFIFO() || kind.isCharacterDevice())) {
    const again = openAgain(`/proc/self/fd/${fd}`) ?? (isOwnTerminal(kind.rdev) ? openAgain('/dev/tty') : null);
    if (again !== null) return nonBlocking(again);
  }
  return streamOf(fd);
}

/** null: it belongs to another user, as after `su`. */
function openAgain(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

/** Whether a device is this process's controlling terminal, which every user may open as /dev/tty. Source: proc_pid_stat(5), tty_nr. */
function isOwnTerminal(device: number): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]) === device && device !== 0;
  } catch {
    return false;
  }
}

const nonBlocking = (fd: number): Sink => ({
  write(bytes) {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      throw error;
    }
  },
  pending: () => 0,
});

function streamOf(fd: 1 | 2): Sink {
  const stream = fd === 1 ? process.stdout : process.stderr;
  let fault: Error | null = null;
  stream.on('error', (error: Error) => {
    fault ??= error;
  });
  return {
    write(bytes) {
      if (fault !== null) throw fault;
      if (stream.writableLength > MOST_IN_STREAM) return 0;
      stream.write(bytes);
      return bytes.length;
    },
    pending() {
      if (fault !== null) throw fault;
      return stream.writableLength;
    },
  };
}
