import { isatty } from 'node:tty';
import { outputTo } from '@netsonde/sockets/host';
import { processSignals } from './signals.ts';
import { askedToEnd, type Terminal } from './terminal.ts';

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
  /**
   * The last act of a command. After a request to end by a signal it ends the process by that signal. Otherwise Node
   * ends it with the code, or at once where what is written last is not read.
   */
  end(code: number): Promise<void>;
}

/** The process's own streams and signals. */
export function processTerminal(env: NodeJS.ProcessEnv): ProcessTerminal {
  const signals = processSignals(env);
  const [out, err] = [outputTo(1), outputTo(2)];
  // Node writes its warnings to stderr synchronously: a terminal that is not read would stop the process.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => err.log(`${name}: ${message}\n`, () => ''));
  const terminal: Terminal = {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    interactive: isatty(2),
    signal: signals.ending,
    onReload: signals.onReload,
  };
  return {
    terminal,
    async outputFault() {
      const fault = await Promise.race([out.flushed(), askedToEnd(terminal)]);
      return fault ?? out.flushed(terminal.signal.aborted ? LAST_WORDS_MS : undefined);
    },
    async end(code) {
      await err.flushed(LAST_WORDS_MS);
      await signals.endAsAsked();
      if (out.waiting || err.waiting) process.exit(code);
      signals.release();
    },
  };
}
