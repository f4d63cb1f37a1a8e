import type { MessagePort, Worker } from 'node:worker_threads';
import { openingErrorOf, StoreError, type StoreErrorCode, storeErrorOf } from '../store-error.ts';
import type { DamageNote, DamageNotes } from './damage/damaged.ts';

/** A call to a thread, and its response. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}
export interface CallReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: StoreErrorCode; readonly message: string };
  /** Damage found by the call. */
  readonly damage?: readonly DamageNote[];
}

/** Call number of the response to the thread's start. */
const START = 0;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The caller's end of a thread. Calls are answered in any order, and all are rejected when the thread dies. */
export class ThreadCaller {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: StoreError | null = null;

  /** @param onDamage receives the damage found by a call, before the call resolves. */
  constructor(worker: Worker, onDamage: (notes: readonly DamageNote[]) => void) {
    this.#worker = worker;
    worker.on('message', (answers: readonly CallReply[]) => {
      for (const answer of answers) {
        if (answer.damage !== undefined) onDamage(answer.damage);
        this.#settle(answer);
      }
    });
    worker.on('error', (error) => this.#end(storeErrorOf(error, 'the store')));
    worker.on('exit', () => this.#end(new StoreError('closed', 'the store is closed')));
  }

  /** Whether the thread has ended. */
  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  call<T>(name: string, args: readonly unknown[], transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      const call: Call = { id, name, args };
      this.#worker.postMessage(call, transfer);
    });
  }

  /** Asks the thread to end after its pending calls, and waits for it. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.call('close', []).catch(() => undefined);
    await exited;
  }

  #settle({ id, value, error }: CallReply): void {
    if (id === START) {
      if (error !== undefined) this.#end(new StoreError(error.code, error.message));
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new StoreError(error.code, error.message));
  }

  #end(error: StoreError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** Opens a thread's resources. A failure is sent to the caller's end with its code before the thread dies of it. */
export function start<T>(port: MessagePort, file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { code, message } = openingErrorOf(error, file);
    port.postMessage([{ id: START, error: { code, message } }] satisfies readonly CallReply[]);
    throw error;
  }
}

/** Runs one call in a thread and sends its response. */
export function answerCall(
  port: MessagePort,
  { id, name, args }: Call,
  run: (name: string, args: readonly unknown[]) => unknown,
  { file, notes }: { readonly file: string; readonly notes: DamageNotes },
): void {
  let answer: CallReply;
  try {
    answer = { id, value: run(name, args) };
  } catch (error) {
    const { code, message } = storeErrorOf(error, file);
    answer = { id, error: { code, message } };
  }
  const damage = notes.take();
  port.postMessage([damage.length === 0 ? answer : { ...answer, damage }]);
}
