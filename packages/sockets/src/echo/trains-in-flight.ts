import { Worker } from 'node:worker_threads';
import { ThreadLink, type ThreadUser } from '../kernel/thread-link.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { CancelMessage, DoneMessage, ProgressMessage } from './boundary.ts';
import { outcomesOf } from './outcomes.ts';
import { type CheckedRequest, encodeSubmissions, type Submission } from './requests.ts';
import type { TrainOutcome } from './train-outcome.ts';
import type { EchoControl, EchoProgress } from './types.ts';

/** A longer queue is posted at once, so that the thread starts on it while the caller still submits the rest. */
const MOST_IN_A_MESSAGE = 128;

interface Waiting {
  readonly resolve: (outcome: TrainOutcome) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: EchoControl['onProgress'];
}

/**
 * The near side of one of the engine's threads: it posts submissions in batches and returns outcomes to their callers.
 */
export class TrainsInFlight implements ThreadUser {
  private readonly link: ThreadLink;
  private readonly waiting = new Map<number, Waiting>();
  private submissions: Submission[] = [];
  private nextId = 1;
  private over: Error | undefined;

  private constructor(link: ThreadLink) {
    this.link = link;
    link.attach(this);
  }

  /** Starts a thread. @throws NotSupportedError on other platforms than 64-bit Linux */
  static async open(): Promise<TrainsInFlight> {
    const link = await ThreadLink.open(
      (options) => new Worker(new URL('./engine-thread.js', import.meta.url), { name: 'echo', ...options }),
    );
    return new TrainsInFlight(link);
  }

  /** Closed, or its thread died: it accepts no more trains. */
  get ended(): boolean {
    return this.over !== undefined;
  }

  /** Submits one train, together with all others of this turn of the event loop. */
  submit(checked: CheckedRequest, { onProgress, signal }: EchoControl): Promise<TrainOutcome> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const id = this.nextId;
    this.nextId += 1;
    this.submissions.push({ ...checked, id, progress: onProgress !== undefined });
    if (this.submissions.length === 1) setImmediate(() => this.flush());
    if (this.submissions.length >= MOST_IN_A_MESSAGE) this.flush();
    if (this.waiting.size === 0) this.link.keepAlive(true);
    const promise = new Promise<TrainOutcome>((resolve, reject) =>
      this.waiting.set(id, { resolve, reject, onProgress }),
    );
    return signal === undefined ? promise : this.cancellable(promise, id, signal);
  }

  async close(): Promise<void> {
    if (this.over !== undefined) return;
    this.over = new Error('the echo engine is closed; open another one');
    this.cancel([...this.waiting.keys()]);
    await this.link.close();
    this.rejectAll(this.over);
  }

  receive(message: unknown): void {
    const batch = message as DoneMessage | ProgressMessage;
    if (batch.kind === 'progress') this.deliverProgress(batch.numbers);
    else for (const outcome of outcomesOf(batch)) this.settle(outcome);
  }

  fail(error: Error): void {
    this.over = error;
    this.rejectAll(error);
  }

  private flush(): void {
    if (this.submissions.length === 0) return;
    const message = encodeSubmissions(this.submissions);
    this.submissions = [];
    this.link.post(message, [message.numbers.buffer as ArrayBuffer, message.addresses.buffer as ArrayBuffer]);
  }

  private async cancellable(promise: Promise<TrainOutcome>, id: number, signal: StopSignal): Promise<TrainOutcome> {
    const abort = () => this.cancel([id]);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  private cancel(ids: readonly number[]): void {
    this.flush();
    if (ids.length > 0) this.link.post({ kind: 'cancel', ids: Float64Array.from(ids) } satisfies CancelMessage);
  }

  private settle(outcome: TrainOutcome): void {
    this.waiting.get(outcome.id)?.resolve(outcome);
    this.waiting.delete(outcome.id);
    if (this.waiting.size === 0) this.link.keepAlive(false);
  }

  private rejectAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private deliverProgress(numbers: Float64Array): void {
    const byTrain = new Map<number, EchoProgress[]>();
    for (let at = 0; at < numbers.length; at += 3) {
      const [id = 0, index = 0, rttNs = Number.NaN] = numbers.subarray(at, at + 3);
      const observations = byTrain.get(id) ?? [];
      observations.push({ index, rttNs });
      byTrain.set(id, observations);
    }
    for (const [id, observations] of byTrain) this.waiting.get(id)?.onProgress?.(observations);
  }
}
