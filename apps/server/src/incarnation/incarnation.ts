import type { KnownIncarnation } from '@netsonde/protocol';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { beginIncarnation } from './begin-incarnation.ts';
import { knowsLater, type ReceivedRanges } from './knows-later.ts';

export interface IncarnationParts {
  readonly db: Kysely<ConfigSchema>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Whether the data folder's own files say that it was put back to an older state. Default: they do not. */
  readonly restored?: boolean;
  /** Called once a new incarnation has begun. */
  readonly began: () => void;
  readonly warn: (message: string) => void;
}

/** What an agent that has proved its key knows of this server. */
export interface Witness {
  readonly name: string;
  readonly known: KnownIncarnation;
  /** What the server has received of the agent. */
  readonly received: ReceivedRanges;
}

/** New incarnations that agents may cause at once, and the time until they may cause one more, ms: an agent may lie. */
const MOST_AT_ONCE = 10;
const ONE_MORE_MS = 3_600_000;

/**
 * Which state of its data this server has. A server whose folder was put back to an older state takes a new incarnation:
 * after a restore by command at once, otherwise as soon as an agent proves that it knows a later state.
 */
export class Incarnation {
  readonly #parts: IncarnationParts;
  readonly #former: Set<string>;
  /** When something was written last before this start, epoch ms. */
  readonly #aliveMs: number;
  #word: string;
  #left = MOST_AT_ONCE;
  #countedMs = performance.now();
  #busy: Promise<void> = Promise.resolve();

  private constructor(parts: IncarnationParts, words: readonly string[], aliveMs: number) {
    this.#parts = parts;
    this.#word = words.at(-1) ?? '';
    this.#former = new Set(words.slice(0, -1));
    this.#aliveMs = aliveMs;
  }

  static async open(parts: IncarnationParts): Promise<Incarnation> {
    if (parts.restored === true)
      await beginIncarnation(parts.db, {
        why: 'restored',
        nowMs: parts.now(),
        lostFromMs: await lastWrittenMs(parts.db),
      });
    const rows = await parts.db.selectFrom('incarnation').select('word').orderBy('id').execute();
    return new Incarnation(
      parts,
      rows.map(({ word }) => word),
      await lastWrittenMs(parts.db),
    );
  }

  get word(): string {
    return this.#word;
  }

  /** Takes a new incarnation if the agent knows a later state than the server's own. */
  witness(witness: Witness): Promise<void> {
    // A fault of the witness before reached its own caller.
    this.#busy = this.#busy.catch(() => undefined).then(() => this.#judge(witness));
    return this.#busy;
  }

  async #judge({ name, known, received }: Witness): Promise<void> {
    const { db, now, began, warn } = this.#parts;
    if (this.#former.has(known.incarnation)) return;
    const isPresent = known.incarnation === this.#word;
    if (isPresent && !(await knowsLater(db, known, received))) return;
    if (!this.#takeOne()) return;
    // Another agent that names the same lost state does not cause another incarnation.
    if (!isPresent) await noteLost(db, known.incarnation, now());
    this.#former.add(known.incarnation);
    this.#former.add(this.#word);
    const nowMs = now();
    this.#word = await beginIncarnation(db, { why: 'went_back', nowMs, lostFromMs: this.#aliveMs, seen: known });
    began();
    warn(
      `the data folder was put back to an older state: agent ${name} knows of a later one. What was done in between is lost here; new ids begin beyond those that were given then, and records of what is lost are kept as unplanned`,
    );
  }

  #takeOne(): boolean {
    const nowMs = performance.now();
    this.#left = Math.min(MOST_AT_ONCE, this.#left + (nowMs - this.#countedMs) / ONE_MORE_MS);
    this.#countedMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/** When something that is dated was written last, epoch ms. */
async function lastWrittenMs(db: Kysely<ConfigSchema>): Promise<number> {
  const { fn } = db;
  const [audit, agent, test] = await Promise.all([
    db.selectFrom('audit').select(fn.max('at').as('at')).executeTakeFirst(),
    db.selectFrom('agent').select(fn.max('last_seen_at').as('at')).executeTakeFirst(),
    db.selectFrom('test').select(fn.max('created_at').as('at')).executeTakeFirst(),
  ]);
  return Math.max(audit?.at ?? 0, agent?.at ?? 0, test?.at ?? 0);
}

/** An incarnation that this server had once and has lost: it stands among the former ones from now on. */
async function noteLost(db: Kysely<ConfigSchema>, word: string, nowMs: number): Promise<void> {
  await db
    .insertInto('incarnation')
    .values({ word, began_ms: nowMs, why: 'lost', revision: 0, lost_from_ms: null })
    .execute();
}
