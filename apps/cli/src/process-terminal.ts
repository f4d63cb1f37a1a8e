import { constants } from 'node:os';
import type { Terminal } from './terminal.ts';

/** Closing the terminal is a request to end, like SIGTERM. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A signal that arrives again this soon is the same one, forwarded by a parent that the terminal signalled too, ms. */
const SAME_MS = 500;

/** The process as a terminal. */
interface ProcessTerminal {
  readonly terminal: Terminal;
  /** Waits until stdout has accepted everything. Returns the error that prevented it; null where there was none. */
  outputFault(): Promise<Error | null>;
  release(): void;
}

/**
 * The process's own streams and signals. The first Ctrl-C asks for a graceful end, a second one ends at once. A
 * process with a channel to its parent is also asked to end when that channel closes, however the parent ended.
 */
export function processTerminal(): ProcessTerminal {
  const ending = new AbortController();
  let askedMs = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (ending.signal.aborted && performance.now() - askedMs > SAME_MS) process.exit(128 + constants.signals[signal]);
    if (!ending.signal.aborted) askedMs = performance.now();
    ending.abort();
  };
  const orphaned = () => ending.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', orphaned);
  // undefined: there never was a channel. false: it closed while this program was loading.
  if (process.connected === false) orphaned();
  let outFault: Error | null = null;
  process.stdout.on('error', (error) => {
    outFault ??= error;
  });
  process.stderr.on('error', unheard);
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true,
    signal: ending.signal,
  };
  return {
    terminal,
    async outputFault() {
      if (outFault === null) await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
      return outFault;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('disconnect', orphaned);
    },
  };
}

/** The reader of the output is gone (a closed terminal or pipe). That must not interrupt a graceful end. */
function unheard(): void {}
