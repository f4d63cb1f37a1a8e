import type { RunRecord } from '@netsonde/protocol';
import type { LiveEvents } from '@netsonde/protocol/api';
import type { Origin } from '../store/result-store.ts';
import { type Interest, LiveReader, type Sink, type ToResult } from './reader.ts';

/** What the hub needs from the rest of the server. */
export interface HubParts {
  /** The test of a check. undefined: the test is deleted. */
  readonly testOf: (check: number) => number | undefined;
  readonly toResult: ToResult;
}

/** The test and agent that an event is about. null: none in particular. */
interface Topic {
  readonly test: number | null;
  readonly agent: number | null;
}

interface Subscriber {
  readonly reader: LiveReader;
  /** Whether the reader may still read. */
  readonly allowed: () => Promise<boolean>;
}

const BEAT_MS = 15_000;

/** Publishes events to all open streams. The server never waits for a reader. */
export class LiveHub {
  readonly #parts: HubParts;
  readonly #subscribers = new Set<Subscriber>();
  readonly #beat: NodeJS.Timeout;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#beat = setInterval(() => this.#beatAll(), BEAT_MS);
    this.#beat.unref();
  }

  get readers(): number {
    return this.#subscribers.size;
  }

  /** Returns a function to call when the reader has disconnected. */
  subscribe(sink: Sink, interest: Interest, allowed: () => Promise<boolean>): () => void {
    const subscriber = { reader: new LiveReader(sink, interest, this.#parts.toResult), allowed };
    this.#subscribers.add(subscriber);
    return () => this.#drop(subscriber);
  }

  /** Committed results of one agent. */
  results(origin: Origin, records: readonly RunRecord[]): void {
    for (const { reader } of this.#subscribers) {
      if (!meets(reader.interest.agent, origin.agent)) continue;
      const { test } = reader.interest;
      const wanted = test === null ? records : records.filter(({ check }) => this.#parts.testOf(check) === test);
      if (wanted.length > 0) reader.addResults(origin, wanted);
    }
  }

  publish<Name extends Exclude<keyof LiveEvents, 'results'>>(
    name: Name,
    data: LiveEvents[Name],
    { test, agent }: Topic,
  ): void {
    for (const { reader } of this.#subscribers)
      if (meets(reader.interest.agent, agent) && meets(reader.interest.test, test)) reader.add(name, data);
  }

  /** Ends the streams of readers that are no longer authorised. */
  async recheck(): Promise<void> {
    await Promise.all([...this.#subscribers].map((subscriber) => this.#recheckOne(subscriber)));
  }

  close(): void {
    clearInterval(this.#beat);
    for (const subscriber of [...this.#subscribers]) this.#drop(subscriber);
  }

  async #recheckOne(subscriber: Subscriber): Promise<void> {
    const allowed = await subscriber.allowed().catch(() => false);
    if (!allowed) this.#drop(subscriber);
  }

  #beatAll(): void {
    for (const { reader } of this.#subscribers) reader.beat();
    void this.recheck();
  }

  #drop(subscriber: Subscriber): void {
    if (this.#subscribers.delete(subscriber)) subscriber.reader.close();
  }
}

/** An event about no particular test or agent goes to every reader. */
const meets = (wanted: number | null, subject: number | null): boolean =>
  wanted === null || subject === null || wanted === subject;
