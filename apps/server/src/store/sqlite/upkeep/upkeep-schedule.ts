import { statfsSync } from 'node:fs';
import type { Retention, StoreUpkeep } from '../../result-store.ts';
import { type HorizonMove, type Horizons, horizonsFor } from '../retention/horizons.ts';
import { runUpkeep } from './run-upkeep.ts';
import type { UpkeepOrder, UpkeepTask } from './upkeep-thread.ts';

/** When the log is folded automatically. */
export interface FoldLimits {
  /** A log of this size is folded, bytes. */
  readonly logBytes: number;
  /** A log whose oldest entry is older than this is folded, ms. */
  readonly ageMs: number;
  /** Interval between two checks for due work, ms. */
  readonly tickEveryMs: number;
}

/** When it is, epoch ms. */
export interface StoreClock {
  /** The best estimate. */
  now(): number;
  /** The time that it certainly is at least. null: nothing is certain. */
  least(): number | null;
}

export interface UpkeepHost {
  readonly folder: string;
  readonly limits: FoldLimits;
  readonly retention: Retention;
  readonly clock: StoreClock;
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: readonly string[];
  logState(): Promise<{ bytes: number; oldestMs: number | null }>;
  /** Deletes a step of folded log entries. true: more are left. */
  trim(): Promise<boolean>;
  /** Deletes a step of deleted checks' blocks. true: more may be left. */
  purge(): Promise<boolean>;
  /** Deletes a step of unreferenced details after this one. null: the end is reached. */
  sweep(after: number): Promise<number | null>;
  /** Called after work. */
  onWork?(work: StoreUpkeep): void;
  /** Called when work fails. Nothing has changed, and the work is retried. */
  onError(error: Error): void;
}

/** Wait after failed work, ms, so that a full disk is not reported every other second. */
const PATIENCE_MS = 60_000;
/** Interval of retention, which counts in days, ms. */
const RETIRE_EVERY_MS = 3_600_000;

/** What is past its retention is deleted so much later, in case a wrong clock said so, ms. */
const HOLD_MS = 86_400_000;
/** A disk with less free space than this share holds nothing back. */
const SHORT_SHARE = 0.1;

function isDiskShort(folder: string): boolean {
  const { bavail, blocks } = statfsSync(folder);
  return bavail < blocks * SHORT_SHARE;
}

/** Schedules folding, merging and retention, one task at a time, in a thread that lives only while there is work. */
export class UpkeepSchedule {
  readonly #host: UpkeepHost;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #isTicking = false;
  #mayMerge = true;
  #retiredMs = Number.NEGATIVE_INFINITY;
  #isRetireDue = true;
  #notBeforeMs = 0;
  #closed = false;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor(host: UpkeepHost) {
    this.#host = host;
    this.#timer = setInterval(() => void this.#tick(), host.limits.tickEveryMs);
    this.#timer.unref();
    this.forgot();
  }

  /** Folds and merges all that it can, deletes blocks of deleted checks, and frees disk space. */
  compact(): Promise<void> {
    return this.#queue(async () => {
      await this.#purge();
      await this.#thread({ do: 'compact' }, true);
      while (await this.#host.trim());
    });
  }

  /** Deletes what is past its retention at this time, at once. */
  retire(nowMs: number): Promise<void> {
    const horizons = horizonsFor(this.#host.retention, nowMs);
    return this.#queue(() => this.#retire({ least: horizons, most: horizons, holdMs: 0, nowMs }, true));
  }

  /** The best estimate of the time was corrected: what is past its retention is decided again soon. */
  clockCorrected(): void {
    this.#isRetireDue = true;
  }

  /** Begins to delete blocks of deleted checks, without waiting for it. */
  forgot(): void {
    this.#queue(() => this.#purge()).catch((error: unknown) => this.#failed(error));
  }

  /** Asks background work to end and waits for it. Starts no more work. */
  async close(): Promise<void> {
    this.#closed = true;
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    clearInterval(this.#timer);
    // The caller that queued it gets its failure.
    await this.#running.catch(() => undefined);
  }

  /**
   * Begins when the work queued before has ended, even if it failed. The caller that queued work gets its outcome; without
   * one, {@link #failed} gets the fault.
   */
  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#running.catch(() => undefined).then(() => (this.#closed ? undefined : work()));
    this.#running = next;
    return next;
  }

  #failed(error: unknown): void {
    this.#notBeforeMs = performance.now() + PATIENCE_MS;
    if (!this.#closed) this.#host.onError(error instanceof Error ? error : new Error(String(error)));
  }

  async #tick(): Promise<void> {
    if (this.#isTicking || this.#closed || performance.now() < this.#notBeforeMs) return;
    this.#isTicking = true;
    try {
      await this.#queue(() => this.#workDue());
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isTicking = false;
    }
  }

  /** Runs one task per tick. Folds are first, since the log must not grow. */
  async #workDue(): Promise<void> {
    const { bytes, oldestMs } = await this.#host.logState();
    const { logBytes, ageMs } = this.#host.limits;
    const isDue = bytes >= logBytes || (oldestMs !== null && Math.abs(this.#host.clock.now() - oldestMs) >= ageMs);
    if (isDue) await this.#fold();
    else if (this.#mayMerge) await this.#merge();
    else if (this.#isRetireDue || performance.now() - this.#retiredMs >= RETIRE_EVERY_MS) await this.#retireByItself();
  }

  async #fold(): Promise<void> {
    await this.#thread({ do: 'fold' }, false);
    this.#mayMerge = true;
    while (await this.#host.trim());
  }

  /** A failed merge is retried after the next fold, so that a damaged page does not block retention. */
  async #merge(): Promise<void> {
    this.#mayMerge = false;
    this.#mayMerge = await this.#thread({ do: 'merge' }, false);
  }

  /**
   * A clock may be wrong: what it takes away goes by the least time that it can be, and is held for a day. What it gives
   * back goes by the best estimate.
   */
  async #retireByItself(): Promise<void> {
    const { clock, retention, folder } = this.#host;
    this.#isRetireDue = false;
    const [leastMs, nowMs] = [clock.least(), clock.now()];
    const least: Horizons = leastMs === null ? [0, 0, 0, 0] : horizonsFor(retention, leastMs);
    const holdMs = isDiskShort(folder) ? 0 : HOLD_MS;
    await this.#retire({ least, most: horizonsFor(retention, nowMs), holdMs, nowMs }, false);
  }

  async #retire(move: HorizonMove, hurry: boolean): Promise<void> {
    if (await this.#thread({ do: 'retire', move }, hurry)) return;
    await this.#sweep();
    this.#retiredMs = performance.now();
  }

  async #purge(): Promise<void> {
    let purged = false;
    while (!this.#closed && (await this.#host.purge())) purged = true;
    if (purged) await this.#sweep();
  }

  async #sweep(): Promise<void> {
    for (let after: number | null = 0; after !== null && !this.#closed; ) after = await this.#host.sweep(after);
  }

  /** @returns whether more work of this kind is left. */
  async #thread(task: UpkeepTask, hurry: boolean): Promise<boolean> {
    const { folder, limits, sketched } = this.#host;
    const order: UpkeepOrder = { folder, task, mostBytes: limits.logBytes * 2, sketched, hurry, stop: this.#stop };
    const beganMs = performance.now();
    const { more, folded, steps } = await runUpkeep(order);
    this.#host.onWork?.({ work: task.do, folded, steps, more, ms: Math.round(performance.now() - beganMs) });
    return more;
  }
}
