import { codeOf } from '../contract/network-error.ts';
import { Patience } from '../net/patience.ts';
import { type HttpsEnd, httpsEndOf, MOST_BODY, TOO_LONG } from './https-answer.ts';
import type { AskContext } from './line.ts';

/** How a request reports its result: the first report counts, later ones are ignored. */
export interface HttpListener {
  /** A piece of the body; the exchange fails if the body exceeds any DNS message. */
  data(chunk: Buffer): void;
  /** The body is complete. */
  answered(status: number, type: string, coding: string): void;
  /** It failed: an errno's name, a fault of an HTTP reader, or `closed`. */
  broke(code: string): void;
}

/**
 * One HTTP exchange with a timeout, timed from its start.
 * @param begin sends the request and returns a function that aborts it
 * @throws the signal's reason, and only that
 */
export function httpsExchange(
  { clock, signal }: AskContext,
  timeoutMs: number,
  begin: (listener: HttpListener) => () => void,
): Promise<HttpsEnd> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const patience = new Patience(clock, timeoutMs);
    const startedMs = clock.monotonicMs();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let over = false;
    let giveUp = () => {};
    const settle = (done: () => void) => {
      if (over) return;
      over = true;
      endWait();
      signal.removeEventListener('abort', abort);
      done();
    };
    const broke = (code: string) =>
      settle(() => {
        resolve(httpsEndOf(patience.judged(code)));
        giveUp();
      });
    const abort = () =>
      settle(() => {
        reject(signal.reason);
        giveUp();
      });
    const data = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BODY) chunks.push(chunk);
      else broke(TOO_LONG);
    };
    const answered = (status: number, type: string, coding: string) =>
      settle(() => {
        const during = { fromMs: startedMs, toMs: clock.monotonicMs() };
        resolve({ status, type, coding, body: Buffer.concat(chunks), during });
      });
    const endWait = patience.wait(broke);
    signal.addEventListener('abort', abort);
    try {
      giveUp = begin({ data, answered, broke });
    } catch (error) {
      broke(codeOf(error));
    }
  });
}
