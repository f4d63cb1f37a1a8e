import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StoreError } from '../../store-error.ts';
import { intakeFile } from '../intake/intake-database.ts';
import { resultsFile } from '../results-database.ts';
import { threadOptions } from '../thread-options.ts';
import type { CheckOrder, CheckReport } from './check-thread.ts';
import type { DamageLog } from './damage-log.ts';

/** Between two passes over the files, ms. */
const EVERY_MS = 24 * 3_600_000;
/** After a pass that failed, ms. */
const PATIENCE_MS = 600_000;
/** Files that are together no larger are looked through before the store answers, bytes. */
const SMALL_BYTES = 16 * 1024 * 1024;

export interface FileCheckOptions {
  readonly folder: string;
  readonly log: DamageLog;
  /** Called when a pass could not be made. */
  readonly onError: (error: Error) => void;
}

/** Looks through the files for damage at a slow pace, in a thread of its own: once after opening, then daily. */
export class FileCheck {
  readonly #options: FileCheckOptions;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** End of the last whole pass, epoch ms; null before it. */
  checkedMs: number | null = null;

  constructor(options: FileCheckOptions) {
    this.#options = options;
  }

  /** Begins the first pass. @returns once it is made, where the files are small; else at once */
  async open(): Promise<void> {
    const pass = this.check(this.#isSmall());
    if (this.#isSmall()) await pass.catch(() => undefined);
  }

  /** Makes a pass. @param hurry without rests */
  check(hurry: boolean): Promise<void> {
    const pass = this.#running.then(() => this.#pass(hurry));
    this.#running = pass.then(
      () => this.#again(EVERY_MS),
      (error: unknown) => {
        if (!this.#closed) this.#options.onError(error instanceof Error ? error : new Error(String(error)));
        this.#again(PATIENCE_MS);
      },
    );
    return pass;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    await this.#running;
  }

  #again(afterMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.check(false).catch(() => undefined), afterMs);
    this.#timer.unref();
  }

  async #pass(hurry: boolean): Promise<void> {
    if (this.#closed) return;
    const { folder, log } = this.#options;
    log.beginPass();
    const report = await runCheck({ folder, hurry, stop: this.#stop });
    if (report === null) return;
    log.endPass(report.damage);
    this.checkedMs = Date.now();
  }

  #isSmall(): boolean {
    const { folder } = this.#options;
    return statSync(intakeFile(folder)).size + statSync(resultsFile(folder)).size <= SMALL_BYTES;
  }
}

function runCheck(order: CheckOrder): Promise<CheckReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./check-thread.js', import.meta.url), threadOptions('store check', order));
    let report: CheckReport | undefined;
    worker.once('message', (message: CheckReport) => {
      report = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      if (report === undefined) reject(new StoreError('internal', 'the check of the files ended without a report'));
      else resolve(report);
    });
  });
}
