import { once } from 'node:events';

/** Where a command reads and writes: the process's own streams, or those of a test. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Progress, warnings and errors. */
  err(text: string): void;
  /** stderr is a terminal that shows progress in place. */
  readonly interactive: boolean;
  /** Aborts on Ctrl-C or a request to end. A closed terminal and a dead parent count as requests. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP is a request to read files again, except where it says that the terminal was closed. */
  onReload(act: () => void): void;
}

/** Resolves with null on Ctrl-C or a request to end. */
export async function askedToEnd({ signal }: Pick<Terminal, 'signal'>): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}

/**
 * Exit codes of every command. `unknown` is also the code for a failure of the program itself: 1 would say that a
 * target is down.
 */
export const EXIT = Object.freeze({ up: 0, notUp: 1, usage: 2, unknown: 3 });

/** A wrong argument: printed unchanged, exit code 2. It names the argument and says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
