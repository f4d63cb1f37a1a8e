import type { Database, Statement } from 'better-sqlite3';
import { Damaged, type DamageNote, type DamageNotes, isDamage } from './damage/damaged.ts';
import { isIntact, rowCheck } from './damage/row-check.ts';

/** Each value is in both tables, since it cannot be derived from other data and one damaged page may lose all of a table. */
export const META_TABLES = ['meta', 'meta_copy'] as const;

export const META_SQL = META_TABLES.map(
  (table) =>
    `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, value INTEGER NOT NULL, crc INTEGER) WITHOUT ROWID;`,
).join('\n');

/** Versions before `meta_copy` wrote the copy into `meta`, under the name and this. */
const COPY = ' (copy)';

/** Stored in `meta` only: see `format.ts`. */
const FORMAT_KEY = 'format';

interface MetaRow {
  readonly key: string;
  readonly value: number;
  readonly crc: number | null;
}

const isIntactMeta = ({ key, value, crc }: MetaRow): boolean => isIntact(crc, 'meta', [value], key);

/** Cached statements: values are read at each query. */
const reads = new WeakMap<Database, readonly Statement[]>();

/**
 * Reads a number that a database stores under a name. undefined: none is stored.
 * @throws Damaged if one is stored that cannot be read.
 */
export function readMeta(db: Database, key: string): number | undefined {
  let statements = reads.get(db);
  if (statements === undefined) {
    statements = META_TABLES.map((table) => db.prepare(`SELECT key, value, crc FROM ${table} WHERE key = ?`));
    reads.set(db, statements);
  }
  let isDamaged = false;
  for (const statement of statements) {
    const row = readRow(statement, key);
    if (row === undefined) continue;
    if (row !== null && row.key === key && isIntactMeta(row)) return row.value;
    isDamaged = true;
  }
  if (isDamaged) throw new Damaged(`${key} is damaged`);
  return undefined;
}

/** null: its page is damaged. */
function readRow(statement: Statement, key: string): MetaRow | undefined | null {
  try {
    return statement.get(key) as MetaRow | undefined;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return null;
  }
}

/** Writes a number under a name, inside the caller's transaction. */
export function writeMeta(db: Database, key: string, value: number): void {
  for (const table of META_TABLES)
    db.prepare(`INSERT OR REPLACE INTO ${table} (key, value, crc) VALUES (?, ?, ?)`).run(
      key,
      value,
      rowCheck('meta', [value], key),
    );
}

/** Copies values of versions without `meta_copy` there, and deletes the copies that they wrote. */
export function copyMeta(db: Database): void {
  const add = db.prepare('INSERT OR IGNORE INTO meta_copy (key, value, crc) VALUES (?, ?, ?)');
  const drop = db.prepare('DELETE FROM meta WHERE key = ?');
  const rows = db.prepare('SELECT key, value, crc FROM meta').all() as MetaRow[];
  for (const isCopy of [false, true])
    for (const row of rows.filter((one) => one.key.endsWith(COPY) === isCopy)) {
      const key = isCopy ? row.key.slice(0, -COPY.length) : row.key;
      if (key !== FORMAT_KEY && isIntactMeta(row)) add.run(key, row.value, rowCheck('meta', [row.value], key));
      if (isCopy) drop.run(row.key);
    }
}

/** Records damaged rows of both tables. */
export function checkMeta(file: DamageNote['file'], db: Database, notes: DamageNotes): void {
  for (const table of META_TABLES)
    notes.guard({ file, table, what: 'its pages', results: 0 }, undefined, () => {
      for (const row of db.prepare(`SELECT key, value, crc FROM ${table}`).all() as MetaRow[])
        if (!isIntactMeta(row)) notes.add({ file, table, what: `value ${row.key.slice(0, 40)}`, results: 0 });
    });
}
