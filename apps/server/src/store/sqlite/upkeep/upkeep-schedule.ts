import type { Retention, StoreUpkeep } from '../../result-store.ts';
import { type Horizons, horizonsFor } from '../retention/horizons.ts';
import { runUpkeep } from './run-upkeep.ts';
import type { UpkeepOrder, UpkeepTask } from './upkeep-thread.ts';

/** When the log is folded of itself. */
export interface FoldLimits {
  /** Log as long as this is folded, bytes. */
  readonly logBytes: number;
  /** A log whose oldest entry is older than this is folded, ms. */
  readonly ageMs: number;
  /** Between two looks at what is due, ms. */
  readonly lookEveryMs: number;
}

export interface UpkeepHost {
  readonly folder: string;
  readonly limits: FoldLimits;
  readonly retention: Retention;
  /** Metrics that keep a quantile sketch in rollups. */
  readonly sketched: readonly string[];
  logState(): Promise<{ bytes: number; oldestMs: number | null }>;
  /** Deletes a step of what is folded; true while more is left. */
  trim(): Promise<boolean>;
  /** Deletes a step of what forgotten checks left in blocks; true while more may be left. */
  purge(): Promise<boolean>;
  /** Deletes a step of the details, after this one, that nothing refers to any more; null at the end. */
  sweep(after: number): Promise<number | null>;
  /** Told of work that was done. */
  onWork?(work: StoreUpkeep): void;
  /** Told of work that failed; everything stays as it is and is tried again. */
  onError(error: Error): void;
}

/** After work that failed nothing is tried for so long, ms: a full disk is not told every other second. */
const PATIENCE_MS = 60_000;
/** Retention counts in days: looked after this often. */
const RETIRE_EVERY_MS = 3_600_000;

/** Looks after what is stored, in a thread that lives only while there is something to do, one thing at a time. */
export class UpkeepSchedule {
  readonly #host: UpkeepHost;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #looking = false;
  #mayMerge = true;
  #retired: Horizons = [0, 0, 0, 0];
  #retiredMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = 0;
  #closed = false;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor(host: UpkeepHost) {
    this.#host = host;
    this.#timer = setInterval(() => void this.#look(), host.limits.lookEveryMs);
    this.#timer.unref();
    this.forgot();
  }

  /** Folds and merges all that can be, deletes what was forgotten, and gives the room back. */
  compact(): Promise<void> {
    return this.#queue(async () => {
      await this.#purge();
      await this.#thread({ do: 'compact' }, true);
      while (await this.#host.trim());
    });
  }

  /** Deletes what is older than the retention says at this time. */
  retire(nowMs: number): Promise<void> {
    return this.#queue(() => this.#retire(horizonsFor(this.#host.retention, nowMs), true));
  }

  /** Begins to delete what was just forgotten, and waits for nothing. */
  forgot(): void {
    this.#queue(() => this.#purge()).catch((error: unknown) => this.#failed(error));
  }

  /** Asks work that runs in the background to end, and waits for it; starts no other. */
  async close(): Promise<void> {
    this.#closed = true;
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    clearInterval(this.#timer);
    // Whoever queued it is told of its failure.
    await this.#running.catch(() => undefined);
  }

  /**
   * Begins when what was queued before has ended, well or not: how that ended is told to whoever queued it, and to
   * {@link #failed} where nobody waits.
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

  async #look(): Promise<void> {
    if (this.#looking || this.#closed || performance.now() < this.#notBeforeMs) return;
    this.#looking = true;
    try {
      await this.#queue(() => this.#workDue());
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#looking = false;
    }
  }

  /** One thing at a look: folds come first, since the log must not grow. */
  async #workDue(): Promise<void> {
    const { bytes, oldestMs } = await this.#host.logState();
    const { logBytes, ageMs } = this.#host.limits;
    const isDue = bytes >= logBytes || (oldestMs !== null && Date.now() - oldestMs >= ageMs);
    if (isDue) await this.#fold();
    else if (this.#mayMerge) await this.#merge();
    else if (performance.now() - this.#retiredMs >= RETIRE_EVERY_MS) await this.#retireByItself();
  }

  async #fold(): Promise<void> {
    await this.#thread({ do: 'fold' }, false);
    this.#mayMerge = true;
    while (await this.#host.trim());
  }

  /** Where it fails it is tried again after the next fold: a damaged page must not keep retention from its work. */
  async #merge(): Promise<void> {
    this.#mayMerge = false;
    this.#mayMerge = await this.#thread({ do: 'merge' }, false);
  }

  /** Nothing new is retired before the next midnight (UTC). */
  async #retireByItself(): Promise<void> {
    const horizons = horizonsFor(this.#host.retention, Date.now());
    if (horizons.every((before, level) => before === this.#retired[level])) this.#retiredMs = performance.now();
    else await this.#retire(horizons, false);
  }

  async #retire(horizons: Horizons, hurry: boolean): Promise<void> {
    if (await this.#thread({ do: 'retire', horizons }, hurry)) return;
    await this.#sweep();
    this.#retired = horizons;
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

  /** @returns whether there is more to do of the same. */
  async #thread(task: UpkeepTask, hurry: boolean): Promise<boolean> {
    const { folder, limits, sketched } = this.#host;
    const order: UpkeepOrder = { folder, task, mostBytes: limits.logBytes * 2, sketched, hurry, stop: this.#stop };
    const beganMs = performance.now();
    const { more, folded, steps } = await runUpkeep(order);
    this.#host.onWork?.({ work: task.do, folded, steps, more, ms: Math.round(performance.now() - beganMs) });
    return more;
  }
}
