import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Asker } from '../../result-store.ts';
import { StoreError } from '../../store-error.ts';
import type { DamageNote } from '../damage/damaged.ts';
import { ThreadCaller } from '../thread-call.ts';
import { threadOptions } from '../thread-options.ts';
import { type Cancellable, QuestionQueue } from './question-queue.ts';

/** Quick queries have their own threads, which long ones (exports, wide charts) never occupy. */
export type QuestionLength = 'quick' | 'long';

interface Question extends Cancellable {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly resolve: (value: unknown) => void;
}

export interface ReaderPoolOptions {
  readonly folder: string;
  readonly onDamage: (notes: readonly DamageNote[]) => void;
}

const QUICK_THREADS = Math.max(2, Math.min(4, availableParallelism() - 1));

/** Threads that answer one query at a time each. A thread is started if a query finds no free one. */
export class ReaderPool {
  readonly #quick: Lane;
  readonly #long: Lane;

  constructor(options: ReaderPoolOptions) {
    this.#quick = new Lane(options, QUICK_THREADS);
    this.#long = new Lane(options, 1);
  }

  /** @throws StoreError `busy` if the caller has too many queries in progress */
  ask<T>(length: QuestionLength, asker: Asker, name: string, args: readonly unknown[]): Promise<T> {
    return (length === 'quick' ? this.#quick : this.#long).ask(asker, name, args);
  }

  /** Starts a quick reader. @throws StoreError that names the file when a database is damaged or cannot be opened. */
  async open(): Promise<void> {
    await this.ask('quick', { caller: null }, 'storedSince', [0]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#long.close()]);
  }
}

/** Threads that share one queue. */
class Lane {
  readonly #options: ReaderPoolOptions;
  readonly #most: number;
  readonly #queue = new QuestionQueue<Question>();
  readonly #free: ThreadCaller[] = [];
  readonly #all = new Set<ThreadCaller>();
  #closed = false;

  constructor(options: ReaderPoolOptions, most: number) {
    this.#options = options;
    this.#most = most;
  }

  ask<T>(asker: Asker, name: string, args: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) throw new StoreError('closed', 'the store is closed');
      this.#queue.add({ name, args, resolve: resolve as (value: unknown) => void, cancel: reject }, asker);
      this.#fill();
    });
  }

  /** Assigns queries to free threads while there are both. */
  #fill(): void {
    while (this.#free.length > 0 || this.#all.size < this.#most) {
      const next = this.#queue.next();
      if (next === null) return;
      void this.#answer(this.#free.pop() ?? this.#start(), next.question, next.key);
    }
  }

  async #answer(thread: ThreadCaller, { name, args, resolve, cancel }: Question, key: string): Promise<void> {
    await thread.call(name, args).then(resolve, cancel);
    this.#queue.done(key);
    // A new thread replaces one that has ended.
    if (thread.hasEnded) this.#all.delete(thread);
    else this.#free.push(thread);
    this.#fill();
  }

  #start(): ThreadCaller {
    const { folder, onDamage } = this.#options;
    const worker = new Worker(
      new URL('./reader-thread.js', import.meta.url),
      threadOptions('store reader', { folder }),
    );
    const thread = new ThreadCaller(worker, onDamage);
    this.#all.add(thread);
    return thread;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.close(new StoreError('closed', 'the store is closed'));
    await Promise.all([...this.#all].map((thread) => thread.close()));
  }
}
