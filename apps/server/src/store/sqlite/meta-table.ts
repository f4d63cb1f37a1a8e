import type { Database, Statement } from 'better-sqlite3';
import { Damaged } from './damage/damaged.ts';
import { isIntact, rowCheck } from './damage/row-check.ts';

/** Each value is written twice, since it cannot be derived from other data if one copy is damaged. */
const COPY = ' (copy)';

/** Cached statements: values are read at each query. */
const reads = new WeakMap<Database, Statement>();

/**
 * Reads a number that a database stores under a name. undefined: none is stored.
 * @throws Damaged if both copies are.
 */
export function readMeta(db: Database, key: string): number | undefined {
  let read = reads.get(db);
  if (read === undefined) {
    read = db.prepare('SELECT value, crc FROM meta WHERE key = ?');
    reads.set(db, read);
  }
  const statement = read;
  const found = [key, key + COPY].flatMap((name) => {
    const row = statement.get(name) as { value: number; crc: number | null } | undefined;
    return row === undefined ? [] : [{ name, ...row }];
  });
  const intact = found.find(({ name, value, crc }) => isIntact(crc, 'meta', [value], name));
  if (intact !== undefined) return intact.value;
  if (found.length > 0) throw new Damaged(`${key} is damaged`);
  return undefined;
}

/** Writes a number under a name, inside the caller's transaction. */
export function writeMeta(db: Database, key: string, value: number): void {
  const write = db.prepare('INSERT OR REPLACE INTO meta (key, value, crc) VALUES (?, ?, ?)');
  for (const name of [key, key + COPY]) write.run(name, value, rowCheck('meta', [value], name));
}
