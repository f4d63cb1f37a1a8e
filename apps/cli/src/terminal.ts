import { once } from 'node:events';

/** Where a command reads and writes: the process's own streams, or a suite's. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Progress, warnings and errors. */
  err(text: string): void;
  /** stderr is a terminal that shows progress in place. */
  readonly interactive: boolean;
  /** Aborts on Ctrl-C or a request to end, a closed terminal and a parent that is gone among them. */
  readonly signal: AbortSignal;
}

/** Resolves with null on Ctrl-C or a request to end. */
export async function askedToEnd({ signal }: Pick<Terminal, 'signal'>): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}

/**
 * Exit codes of every command. `unknown` is also that of a failure of the program itself: 1 would say that a target is down.
 */
export const EXIT = Object.freeze({ up: 0, notUp: 1, usage: 2, unknown: 3 });

/** A wrong argument: printed as it is, exit code 2. Names the argument and says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
