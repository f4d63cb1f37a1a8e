import type { Database } from 'better-sqlite3';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../config-schema.ts';
import { isDamage } from '../sqlite/damage/damaged.ts';
import { openIntakeDatabase } from '../sqlite/intake/intake-database.ts';
import { writeMeta } from '../sqlite/meta-table.ts';
import { openResultsDatabase } from '../sqlite/results-database.ts';
import { MARK_KEYS, type Mark } from './file-state.ts';

/**
 * Writes the mark into both files of results, and makes those that there are not. While nothing else has them open.
 * @param change what else changes in the results' file, in the same transaction
 */
export function stampResults(folder: string, mark: Mark, change: (results: Database) => void = () => {}): void {
  for (const open of [openIntakeDatabase, openResultsDatabase]) {
    const db = open(folder, 'write');
    try {
      db.transaction(() => {
        writeMeta(db, MARK_KEYS.id, mark.id);
        writeMeta(db, MARK_KEYS.count, mark.count);
        if (open === openResultsDatabase) change(db);
      }).immediate();
    } catch (error) {
      // What is damaged is noted and named by the store itself, which starts all the same.
      if (!isDamage(error)) throw error;
    } finally {
      db.close();
    }
  }
}

/** Writes the mark into the configuration. */
export async function stampConfig(db: Kysely<ConfigSchema>, mark: Mark): Promise<void> {
  for (const name of ['id', 'count'] as const) {
    const value = String(mark[name]);
    await db
      .insertInto('setting')
      .values({ key: MARK_KEYS[name], value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  }
}
