import type BetterSqlite3 from 'better-sqlite3';
import type { SqliteDatabase } from 'kysely';
import { inPlace } from '../in-place.ts';
import { storeErrorOf } from '../store-error.ts';

const CONSEQUENCE = 'nobody can sign in, nothing can be changed, and agents keep what they measure';

/** It makes what was written last, though it changes no page itself. */
const COMMIT = /^commit\b/i;

/** A full disk has rolled back already: that there is nothing to roll back must not hide why. */
const ROLLBACK = /^rollback\b/i;

/**
 * The configuration's database as the query builder asks it. It is read always, and written and committed to only while
 * its file is where it was opened. What the disk refuses is a StoreError that names the file; what a statement itself
 * does wrong (a constraint) stays the database's own error.
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
