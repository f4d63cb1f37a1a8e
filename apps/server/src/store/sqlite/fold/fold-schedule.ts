import { Worker } from 'node:worker_threads';
import { StoreError, type StoreErrorCode } from '../../store-error.ts';
import type { FoldOrder, FoldReport } from './fold-thread.ts';

/** When the log is folded of itself. */
export interface FoldLimits {
  /** Log as long as this is folded, bytes. */
  readonly logBytes: number;
  /** A log whose oldest entry is older than this is folded, ms. */
  readonly ageMs: number;
}

export interface FoldHost {
  readonly folder: string;
  readonly limits: FoldLimits;
  logState(): Promise<{ bytes: number; oldestMs: number | null }>;
  /** Deletes a step of what is folded; true while more is left. */
  trim(): Promise<boolean>;
  /** Deletes a step of what forgotten checks left in blocks; true while more may be left. */
  purge(): Promise<boolean>;
  /** Told of a fold that failed; the log stays as it is and the next one tries again. */
  onError(error: Error): void;
}

const LOOK_EVERY_MS = 2000;
/** After a fold that failed nothing is tried for so long, ms: a full disk is not told every other second. */
const PATIENCE_MS = 60_000;

/** Folds in a thread that lives only while there is something to fold, one at a time. */
export class FoldSchedule {
  readonly #host: FoldHost;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #looking = false;
  #notBeforeMs = 0;
  #closed = false;

  constructor(host: FoldHost) {
    this.#host = host;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.#inBackground(this.purge());
  }

  /** Folds all that is in the log now and deletes it there. */
  fold(hurry: boolean): Promise<void> {
    const next = this.#running.catch(() => undefined).then(() => this.#foldNow(hurry));
    this.#running = next;
    return next;
  }

  /** Deletes what forgotten checks left in blocks, in steps, while no fold runs. */
  purge(): Promise<void> {
    const next = this.#running.catch(() => undefined).then(() => this.#purgeNow());
    this.#running = next;
    return next;
  }

  /** Waits for a fold that runs; starts no other. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running.catch(() => undefined);
  }

  /** Begins to delete what was just forgotten, and waits for nothing. */
  forgot(): void {
    this.#inBackground(this.purge());
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#notBeforeMs = performance.now() + PATIENCE_MS;
    if (!this.#closed) this.#host.onError(error instanceof Error ? error : new Error(String(error)));
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed || performance.now() < this.#notBeforeMs) return;
    this.#looking = true;
    try {
      const { bytes, oldestMs } = await this.#host.logState();
      const { logBytes, ageMs } = this.#host.limits;
      if (bytes >= logBytes || (oldestMs !== null && Date.now() - oldestMs >= ageMs)) await this.fold(false);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#looking = false;
    }
  }

  async #purgeNow(): Promise<void> {
    while (!this.#closed && (await this.#host.purge()));
  }

  async #foldNow(hurry: boolean): Promise<void> {
    if (this.#closed) return;
    const order: FoldOrder = { folder: this.#host.folder, mostBytes: this.#host.limits.logBytes * 2, hurry };
    await runFold(order);
    while (await this.#host.trim());
  }
}

function runFold(order: FoldOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./fold-thread.js', import.meta.url), { workerData: order });
    let report: FoldReport | undefined;
    worker.once('message', (message: FoldReport) => {
      report = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (report === undefined) reject(new StoreError('internal', 'the fold ended without a report'));
      else if ('error' in report) reject(new StoreError(report.error.code as StoreErrorCode, report.error.message));
      else resolve();
    });
  });
}
