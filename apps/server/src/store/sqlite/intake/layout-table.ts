import type { Database } from 'better-sqlite3';
import type { LayoutTable } from '../codec/layouts.ts';

/** Layouts kept in a database's `layout` table. `idOf` may be called by the database's writer only. */
export function layoutTable(db: Database): LayoutTable {
  const find = db.prepare('SELECT id FROM layout WHERE json = ?').pluck();
  const text = db.prepare('SELECT json FROM layout WHERE id = ?').pluck();
  let insert: ReturnType<Database['prepare']> | undefined;
  return {
    idOf(json) {
      const found = find.get(json) as number | undefined;
      if (found !== undefined) return found;
      insert ??= db.prepare('INSERT INTO layout (json) VALUES (?)');
      return Number(insert.run(json).lastInsertRowid);
    },
    textOf(id) {
      const found = text.get(id) as string | undefined;
      if (found === undefined) throw new RangeError(`layout ${id} is missing: the database is damaged`);
      return found;
    },
  };
}

/** Numbers of layouts of a database, remembered for one transaction of its writer. */
export function layoutIds(db: Database): (json: string) => number {
  const table = layoutTable(db);
  const known = new Map<string, number>();
  return (json) => {
    let id = known.get(json);
    if (id === undefined) {
      id = table.idOf(json);
      known.set(json, id);
    }
    return id;
  };
}
