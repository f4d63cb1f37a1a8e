import { randomBytes, randomInt } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

type Db = Kysely<ConfigSchema> | Transaction<ConfigSchema>;

/** Highest ids that somebody has seen of a state that is lost. */
export interface SeenIds {
  readonly check: number;
  readonly target: number;
}

/** Why a new incarnation begins. `restored`: from a backup. `went_back`: an agent knows of a later state. */
export type Reason = 'restored' | 'went_back';

export interface Beginning {
  readonly why: Reason;
  /** Epoch ms. */
  readonly nowMs: number;
  /** From when on what was done is lost, at the earliest, epoch ms. */
  readonly lostFromMs: number;
  readonly seen?: SeenIds;
}

/** Tables whose ids agents and users know. */
const TABLES = ['check', 'target', 'test', 'agent'] as const;
/** A witness is believed that so many more ids were given at most, since it may lie: an agent takes ids below 2^32. */
const MOST_SEEN = 1_000_000;
/** From here on no ids are skipped any more. */
const MOST_ID = 2 ** 31;
/** Ids that a new incarnation skips: at random, since two restores of one backup must not give the same ones. */
const LEAST_SKIPPED = 10_000;
const MOST_SKIPPED = 200_000;

/**
 * Begins a new incarnation: the data are those of an older state. Ids that the lost state may have given are skipped.
 * Returns its word.
 */
export async function beginIncarnation(db: Kysely<ConfigSchema>, beginning: Beginning): Promise<string> {
  const word = randomBytes(8).toString('hex');
  await db.transaction().execute(async (transaction) => {
    const { why, nowMs, lostFromMs, seen } = beginning;
    const skipped = randomInt(LEAST_SKIPPED, MOST_SKIPPED);
    const ranges = { check: [0, 0], target: [0, 0], test: [0, 0], agent: [0, 0] };
    for (const table of TABLES) {
      const last = await lastId(transaction, table);
      const witnessed = table === 'check' || table === 'target' ? Math.min(seen?.[table] ?? 0, last + MOST_SEEN) : 0;
      const next = last >= MOST_ID ? last : Math.max(last, witnessed) + skipped;
      await setLastId(transaction, table, next);
      ranges[table] = [last + 1, next];
    }
    const revision = await transaction
      .selectFrom('setting')
      .select('value')
      .where('key', '=', 'assignment_revision')
      .executeTakeFirst();
    await transaction
      .insertInto('incarnation')
      .values({
        word,
        began_ms: nowMs,
        why,
        revision: Number(revision?.value ?? 0),
        lost_from_ms: Math.min(lostFromMs, nowMs),
        check_from: ranges.check[0] ?? 0,
        check_to: ranges.check[1] ?? 0,
        target_from: ranges.target[0] ?? 0,
        target_to: ranges.target[1] ?? 0,
      })
      .execute();
    await transaction
      .insertInto('audit')
      .values({ at: nowMs, actor: 'system', action: `server.${why}`, subject: 'server', detail: detailOf(beginning) })
      .execute();
  });
  return word;
}

const detailOf = ({ why, lostFromMs }: Beginning): string =>
  `${why === 'restored' ? 'restored from a backup' : 'the data were put back to an older state'}: what was done from ${new Date(lostFromMs).toISOString()} on is lost`;

async function lastId(db: Db, table: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`SELECT seq FROM sqlite_sequence WHERE name = ${table}`.execute(db);
  return rows[0]?.seq ?? 0;
}

async function setLastId(db: Db, table: string, seq: number): Promise<void> {
  const { numAffectedRows } = await sql`UPDATE sqlite_sequence SET seq = ${seq} WHERE name = ${table}`.execute(db);
  if (numAffectedRows !== 1n) await sql`INSERT INTO sqlite_sequence (name, seq) VALUES (${table}, ${seq})`.execute(db);
}
