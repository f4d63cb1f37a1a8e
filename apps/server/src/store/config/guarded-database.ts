import type BetterSqlite3 from 'better-sqlite3';
import type { SqliteDatabase } from 'kysely';
import { inPlace } from '../in-place.ts';
import { storeErrorOf } from '../store-error.ts';

const CONSEQUENCE = 'nobody can sign in, nothing can be changed, and agents keep what they measure';

/** It makes what was written last, though it changes no page itself. */
const COMMIT = /^commit\b/i;

/** A full disk has rolled back already. The error that there is nothing to roll back must not hide the cause. */
const ROLLBACK = /^rollback\b/i;

/**
 * The configuration database for the query builder. Reads always work. Writes and commits work only while the file is at
 * the path where it was opened. A disk fault becomes a StoreError that names the file. A statement's own fault (a
 * constraint) stays the database's error.
 */
export function guardedDatabase(database: BetterSqlite3.Database, file: string): SqliteDatabase {
  const assertInPlace = inPlace([file], CONSEQUENCE);
  const atDisk = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const fault = storeErrorOf(error, file);
      throw fault.code === 'internal' ? error : fault;
    }
  };
  return {
    prepare(sql) {
      const statement = atDisk(() => database.prepare<unknown[], unknown>(sql));
      const guarded = <T>(act: () => T): T => {
        if (!statement.readonly || COMMIT.test(sql)) assertInPlace();
        const done = atDisk(act);
        if (!statement.readonly) assertInPlace();
        return done;
      };
      return {
        reader: statement.reader,
        all: (parameters) => guarded(() => statement.all(...parameters)),
        run: (parameters) =>
          ROLLBACK.test(sql) && !database.inTransaction
            ? { changes: 0, lastInsertRowid: 0 }
            : guarded(() => statement.run(...parameters)),
        iterate: (parameters) => statement.iterate(...parameters),
      };
    },
    close: () => void database.close(),
  };
}
