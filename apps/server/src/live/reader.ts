import type { RunRecord } from '@netsonde/protocol';
import type { LiveEvents, Result } from '@netsonde/protocol/api';
import type { Origin } from '../store/result-store.ts';

/** Where a reader's events go: the response of its request. */
export interface Sink {
  /** false: the reader is slow; wait for `drain`. */
  write(text: string): boolean;
  end(): void;
  once(event: 'drain', listener: () => void): unknown;
}

/** The events that a reader subscribes to. null: all. */
export interface Interest {
  readonly test: number | null;
  readonly agent: number | null;
}

/** Converts a record to the form that readers receive. null: its test is deleted. */
export type ToResult = (origin: Origin, record: RunRecord) => Result | null;

interface Committed {
  readonly origin: Origin;
  readonly record: RunRecord;
}

const MAX_RESULTS = 50;
const MAX_EVENTS = 500;
const FLUSH_MS = 100;

/**
 * One open stream. Results are collected and sent at most ten times a second. If a reader is slow or a commit is large,
 * the oldest results are left out and counted.
 */
export class LiveReader {
  readonly interest: Interest;
  readonly #sink: Sink;
  readonly #toResult: ToResult;
  #results: Committed[] = [];
  #omitted = 0;
  #events: string[] = [];
  #blocked = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: Sink, interest: Interest, toResult: ToResult) {
    this.#toResult = toResult;
    this.#sink = sink;
    this.interest = interest;
  }

  addResults(origin: Origin, records: readonly RunRecord[]): void {
    for (const record of records.slice(-MAX_RESULTS)) this.#results.push({ origin, record });
    this.#omitted += Math.max(0, records.length - MAX_RESULTS);
    if (this.#results.length > MAX_RESULTS) {
      this.#omitted += this.#results.length - MAX_RESULTS;
      this.#results = this.#results.slice(-MAX_RESULTS);
    }
    this.#soon();
  }

  add<Name extends keyof LiveEvents>(name: Name, data: LiveEvents[Name]): void {
    if (this.#events.length >= MAX_EVENTS) {
      this.#events.shift();
      this.#omitted += 1;
    }
    this.#events.push(eventText(name, data));
    this.#soon();
  }

  /** Sends a comment so that proxies and readers keep the connection open. */
  beat(): void {
    if (!this.#blocked) this.#write(': still here\n\n');
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sink.end();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#blocked) return;
    let text = this.#events.join('');
    this.#events = [];
    if (this.#results.length > 0 || this.#omitted > 0) {
      const results = this.#results.map(({ origin, record }) => this.#toResult(origin, record));
      text += eventText('results', { results: results.filter((result) => result !== null), omitted: this.#omitted });
      this.#results = [];
      this.#omitted = 0;
    }
    if (text !== '') this.#write(text);
  }

  #write(text: string): void {
    if (this.#sink.write(text)) return;
    this.#blocked = true;
    this.#sink.once('drain', () => {
      this.#blocked = false;
      this.#soon();
    });
  }
}

/** Most results in one batch for a reader. */
export const MOST_RESULTS = MAX_RESULTS;

const eventText = <Name extends keyof LiveEvents>(name: Name, data: LiveEvents[Name]): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
