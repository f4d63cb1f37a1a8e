import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';

/**
 * CRC-32s over a database's schema, 0 to 2^32 - 1. SQLite does not notice a flipped bit there: a column or a table with
 * another name is unknown, and one with another root page has another's rows.
 */
export interface SchemaChecks {
  /** Over types, names and SQL. */
  readonly definitions: number;
  /** Over root pages. A vacuum moves them. */
  readonly places: number;
}

/** The checks as they were stored. undefined: not stored, as in a new file and in those of earlier versions. */
export type StoredChecks = { readonly [key in keyof SchemaChecks]: number | undefined };

/** The statistics that `ANALYZE` makes are left out: a user may have made them. */
const SCHEMA = `SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema
  WHERE name NOT LIKE 'sqlite~_stat%' ESCAPE '~' ORDER BY type, name`;

export function schemaChecks(db: Database): SchemaChecks {
  const rows = db.prepare(SCHEMA).raw().all() as unknown[][];
  return {
    definitions: crc32(JSON.stringify(rows.map((row) => row.slice(0, -1)))),
    places: crc32(JSON.stringify(rows.map((row) => row.at(-1)))),
  };
}

/** Whether the schema is the one that was written last, wherever a vacuum has moved it. */
export function isSchemaIntact(db: Database, stored: StoredChecks): boolean {
  const found = schemaChecks(db);
  if (stored.definitions !== undefined && stored.definitions !== found.definitions) return false;
  if (stored.places === undefined || stored.places === found.places) return true;
  // After a vacuum each page is used once; with a wrong root page some are used twice and others never.
  return db.pragma('quick_check(1)', { simple: true }) === 'ok';
}
