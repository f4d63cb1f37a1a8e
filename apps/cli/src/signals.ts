import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { constants as os } from 'node:os';
import { basename } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** A signal that arrives again this soon is the same one, forwarded by a parent that the terminal signalled too, ms. */
const SAME_MS = 500;
/** A process that is the first of its container does not end by its own signal, ms. */
const ENDS_WITHIN_MS = 200;

/** The signals of the process. */
export interface Signals {
  /** Aborts at the first request to end, and when the channel to the parent closes. */
  readonly ending: AbortSignal;
  /** From now on SIGHUP is a request to read files again, except where it says that the terminal was closed. */
  onReload(act: () => void): void;
  release(): void;
  /**
   * After a request to end by a signal: ends the process by that signal, as if the program had no handler, so that
   * shells, systemd and Docker each go by their own rules. Otherwise it does nothing.
   */
  endAsAsked(): Promise<void>;
}

/**
 * Handles the signals of the process. The first Ctrl-C asks for a graceful end, a second one ends at once. A process
 * with a channel to its parent is also asked to end when that channel closes, however the parent ended.
 */
export function processSignals(env: NodeJS.ProcessEnv): Signals {
  const ending = new AbortController();
  const ignoresHangup = startedByNohup(env);
  const hadTerminal = hasTerminal() || process.platform === 'win32';
  let asked: Signal | null = null;
  let askedMs = 0;
  let reload: (() => void) | null = null;
  const onSignal = (signal: Signal) => {
    if (signal === 'SIGHUP') {
      const isClosed = hadTerminal && !hasTerminal();
      if (ignoresHangup && (isClosed || reload === null)) return;
      if (!isClosed && reload !== null) return reload();
    }
    if (ending.signal.aborted && performance.now() - askedMs > SAME_MS) process.exit(128 + os.signals[signal]);
    if (!ending.signal.aborted) {
      asked = signal;
      askedMs = performance.now();
    }
    ending.abort();
  };
  const orphaned = () => ending.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', orphaned);
  // undefined: there never was a channel. false: it closed while this program was loading.
  if (process.connected === false) orphaned();
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('disconnect', orphaned);
  };
  return {
    ending: ending.signal,
    onReload(act) {
      reload = act;
    },
    release,
    async endAsAsked() {
      if (asked === null) return;
      release();
      process.kill(process.pid, asked);
      await new Promise((resolve) => setTimeout(resolve, ENDS_WITHIN_MS));
      process.exit(128 + os.signals[asked]);
    },
  };
}

/** Whether the process has a controlling terminal that is open. Windows: never, and SIGHUP says that its window was closed. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether `nohup` started this program. Node resets inherited signal handling, so it cannot be seen there: shells leave the
 * name of the program in `_`, and nohup writes to nohup.out where the output was a terminal.
 */
function startedByNohup({ _: started = '' }: NodeJS.ProcessEnv): boolean {
  return basename(started) === 'nohup' || [1, 2].some((fd) => outputName(fd) === 'nohup.out');
}

function outputName(fd: number): string | null {
  try {
    return basename(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return null;
  }
}
