import { ApiProblem } from '../api/problem.ts';

const WINDOW_MS = 15 * 60_000;
const MAX_KEYS = 20_000;

interface Count {
  failures: number;
  untilMs: number;
}

/** Failed sign-ins by key within the last quarter of an hour; beyond the limit nobody may try that key until it is over. */
export class FailedAttempts {
  readonly #counts = new Map<string, Count>();
  readonly #limits: Readonly<Record<string, number>>;
  readonly #now: () => number;

  /** `limits`: most failures by kind of key. */
  constructor(limits: Readonly<Record<string, number>>, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws ApiProblem 429 with the time to wait. */
  check(keys: Readonly<Record<string, string>>): void {
    const at = this.#now();
    for (const [kind, key] of Object.entries(keys)) {
      const count = this.#counts.get(`${kind} ${key}`);
      if (count === undefined || count.untilMs <= at || count.failures < (this.#limits[kind] ?? 0)) continue;
      const retryAfterS = Math.ceil((count.untilMs - at) / 1000);
      throw new ApiProblem(429, 'too_many_attempts', `Too many failed attempts: try again in ${retryAfterS} s.`, {
        retryAfterS,
      });
    }
  }

  /** Counts an attempt before it is judged, so that attempts made at once cannot slip through; `forgive` takes it back. */
  count(keys: Readonly<Record<string, string>>): void {
    const at = this.#now();
    if (this.#counts.size >= MAX_KEYS) this.#sweep(at);
    for (const [kind, key] of Object.entries(keys)) {
      const id = `${kind} ${key}`;
      const known = this.#counts.get(id);
      if (known === undefined || known.untilMs <= at) this.#counts.set(id, { failures: 1, untilMs: at + WINDOW_MS });
      else known.failures += 1;
    }
  }

  /** Takes a counted attempt back: it was none of a guesser. */
  forgive(keys: Readonly<Record<string, string>>): void {
    for (const [kind, key] of Object.entries(keys)) {
      const count = this.#counts.get(`${kind} ${key}`);
      if (count !== undefined) count.failures -= 1;
    }
  }

  /** Forgets all failures of these keys. */
  clear(keys: Readonly<Record<string, string>>): void {
    for (const [kind, key] of Object.entries(keys)) this.#counts.delete(`${kind} ${key}`);
  }

  #sweep(at: number): void {
    for (const [id, { untilMs }] of this.#counts) if (untilMs <= at) this.#counts.delete(id);
    for (const id of this.#counts.keys()) {
      if (this.#counts.size < MAX_KEYS) return;
      this.#counts.delete(id);
    }
  }
}
