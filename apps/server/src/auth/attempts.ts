import { ApiProblem } from '../api/problem.ts';

const WINDOW_MS = 15 * 60_000;
const MAX_KEYS = 20_000;

/** Failures by kind of key. Each kind has its own limit, and keys of different kinds are never mixed. */
export type AttemptKeys = Readonly<Record<string, string>>;

interface Count {
  readonly kind: string;
  failures: number;
  readonly untilMs: number;
}

/** Failed attempts by key within 15 minutes. Over the limit, the key is refused until they have passed. */
export class FailedAttempts {
  readonly #counts = new Map<string, Count>();
  readonly #limits: Readonly<Record<string, number>>;
  readonly #now: () => number;
  readonly #maxKeys: number;

  /** `limits`: most failures by kind of key. `maxKeys`: most keys in memory. Locked keys are never dropped early. */
  constructor(limits: Readonly<Record<string, number>>, now: () => number, maxKeys = MAX_KEYS) {
    this.#limits = limits;
    this.#now = now;
    this.#maxKeys = maxKeys;
  }

  /** Runs an attempt within the limits. A failure counts, and a success clears its `own` kinds of keys. @throws ApiProblem 429 */
  async run<Value>(keys: AttemptKeys, own: readonly string[], work: () => Promise<Value>): Promise<Value> {
    this.#check(keys);
    this.#count(keys);
    const value = await work();
    this.#forgive(keys);
    for (const kind of own) this.#counts.delete(idOf(kind, keys[kind] ?? ''));
    return value;
  }

  /** @throws ApiProblem 429 with the time to wait. */
  #check(keys: AttemptKeys): void {
    const at = this.#now();
    for (const [kind, key] of Object.entries(keys)) {
      const count = this.#counts.get(idOf(kind, key));
      if (count !== undefined && count.untilMs > at && this.#locked(count)) throw tooMany(count.untilMs - at);
    }
  }

  /** Counts an attempt before it is verified, so that concurrent attempts cannot bypass the limit. */
  #count(keys: AttemptKeys): void {
    const at = this.#now();
    const wanted = Object.keys(keys).length;
    if (this.#counts.size + wanted > this.#maxKeys) this.#makeRoom(at, wanted);
    for (const [kind, key] of Object.entries(keys)) {
      const id = idOf(kind, key);
      const known = this.#counts.get(id);
      if (known !== undefined && known.untilMs > at) known.failures += 1;
      else this.#counts.set(id, { kind, failures: 1, untilMs: at + WINDOW_MS });
    }
  }

  #forgive(keys: AttemptKeys): void {
    for (const [kind, key] of Object.entries(keys)) {
      const count = this.#counts.get(idOf(kind, key));
      if (count !== undefined) count.failures -= 1;
    }
  }

  #locked({ kind, failures }: Count): boolean {
    return failures >= (this.#limits[kind] ?? 0);
  }

  /** Drops expired keys, then the oldest unlocked ones. @throws ApiProblem 429 if all are locked. */
  #makeRoom(at: number, wanted: number): void {
    for (const [id, { untilMs }] of this.#counts) if (untilMs <= at) this.#counts.delete(id);
    for (const [id, count] of this.#counts) {
      if (this.#counts.size + wanted <= this.#maxKeys) return;
      if (!this.#locked(count)) this.#counts.delete(id);
    }
    if (this.#counts.size + wanted > this.#maxKeys) throw tooMany(WINDOW_MS);
  }
}

const idOf = (kind: string, key: string): string => `${kind} ${key}`;

function tooMany(waitMs: number): ApiProblem {
  const retryAfterS = Math.ceil(waitMs / 1000);
  return new ApiProblem(429, 'too_many_attempts', `Too many failed attempts: try again in ${retryAfterS} s.`, {
    retryAfterS,
  });
}
