import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { outputTo } from '@netsonde/sockets/host';
import { askedToEnd, type Terminal } from './terminal.ts';

/** Closing the terminal is a request to end, like SIGTERM. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A signal that arrives again this soon is the same one, forwarded by a parent that the terminal signalled too, ms. */
const SAME_MS = 500;
/** A command that was asked to end waits this long for a reader that does not read, ms. */
const LAST_WORDS_MS = 500;

/** The process as a terminal. */
interface ProcessTerminal {
  readonly terminal: Terminal;
  /**
   * Waits until stdout has taken everything, and not for long after a request to end. Returns the error that prevented
   * it; null where there was none.
   */
  outputFault(): Promise<Error | null>;
  /** Waits a moment for stderr. false: what is written last is not read, so the process must end without waiting. */
  isHeard(): Promise<boolean>;
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
  const [out, err] = [outputTo(1), outputTo(2)];
  // Node writes its warnings to stderr synchronously: a terminal that is not read would stop the process.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => err.log(`${name}: ${message}\n`, () => ''));
  const terminal: Terminal = {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    interactive: isatty(2),
    signal: ending.signal,
  };
  return {
    terminal,
    async outputFault() {
      if (ending.signal.aborted) return out.flushed(LAST_WORDS_MS);
      const fault = await Promise.race([out.flushed(), askedToEnd(ending)]);
      return fault ?? out.flushed(ending.signal.aborted ? LAST_WORDS_MS : undefined);
    },
    async isHeard() {
      await err.flushed(LAST_WORDS_MS);
      return !out.waiting && !err.waiting;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('disconnect', orphaned);
    },
  };
}
