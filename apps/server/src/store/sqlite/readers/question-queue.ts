import type { Asker } from '../../result-store.ts';
import { StoreError } from '../../store-error.ts';

/** Most concurrent queries of one caller. */
const MOST_RUNNING = 4;
/** Most waiting queries of one caller. */
const MOST_WAITING = 16;

/** A waiting query. */
export interface Cancellable {
  /** Called if the query is cancelled: the caller has left, or the store is closed. */
  cancel(error: StoreError): void;
}

interface Waiting<Question> {
  readonly question: Question;
  readonly signal: AbortSignal | undefined;
}

/** Queries that wait for a reader, by caller. Callers take turns, however many queries they have. */
export class QuestionQueue<Question extends Cancellable> {
  /** In the order of their turns. */
  readonly #callers = new Map<string, Waiting<Question>[]>();
  readonly #running = new Map<string, number>();

  /**
   * Adds a query.
   * @throws StoreError `busy` if the caller has too many in progress.
   */
  add(question: Question, { caller, signal }: Asker): void {
    const key = caller ?? '';
    const list = this.#callers.get(key) ?? [];
    const underWay = list.length + (this.#running.get(key) ?? 0);
    if (caller !== null && underWay >= MOST_RUNNING + MOST_WAITING)
      throw new StoreError(
        'busy',
        `at most ${MOST_RUNNING + MOST_WAITING} questions of one caller are under way at once`,
      );
    list.push({ question, signal });
    this.#callers.set(key, list);
  }

  /** Removes the next query whose caller has not left, with the caller's key for {@link done}. null: none may begin. */
  next(): { readonly key: string; readonly question: Question } | null {
    for (const [key, list] of this.#callers) {
      if (key !== '' && (this.#running.get(key) ?? 0) >= MOST_RUNNING) continue;
      const question = this.#takeFirst(key, list);
      if (question === undefined) continue;
      this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
      return { key, question };
    }
    return null;
  }

  done(key: string): void {
    const left = (this.#running.get(key) ?? 1) - 1;
    if (left === 0) this.#running.delete(key);
    else this.#running.set(key, left);
  }

  /** Moves the caller behind all others. */
  #takeFirst(key: string, list: Waiting<Question>[]): Question | undefined {
    this.#callers.delete(key);
    for (let one = list.shift(); one !== undefined; one = list.shift()) {
      if (one.signal?.aborted === true) {
        one.question.cancel(new StoreError('cancelled', 'the caller has left'));
        continue;
      }
      if (list.length > 0) this.#callers.set(key, list);
      return one.question;
    }
    return undefined;
  }

  /** Cancels all waiting queries. */
  close(error: StoreError): void {
    for (const list of this.#callers.values()) for (const { question } of list) question.cancel(error);
    this.#callers.clear();
  }
}
