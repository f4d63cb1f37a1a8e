import type { Database } from 'better-sqlite3';
import type { LayoutTable } from '../codec/layouts.ts';
import { Damaged } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

interface LayoutRow {
  readonly id: number;
  readonly json: string;
  readonly crc: number | null;
}

/** So many entries of one text may be damaged. */
const MOST_BLANKS = 8;

const fits = ({ id, json, crc }: LayoutRow): boolean => isIntact(crc, 'layout', [id], json);

/** Layouts kept in a database's `layout` table. `idOf` may be called by the database's writer only. */
export function layoutTable(db: Database): LayoutTable {
  const find = db.prepare('SELECT id, crc FROM layout WHERE json = ?');
  const text = db.prepare('SELECT id, json, crc FROM layout NOT INDEXED WHERE id = ?');
  const nextId = db.prepare('SELECT coalesce(max(id), 0) + 1 FROM layout').pluck();
  const insert = db.readonly ? null : db.prepare('INSERT INTO layout (id, json, crc) VALUES (?, ?, ?)');
  /** The number of an intact entry of this text, or a text for one that is new. */
  const look = (json: string): number | string => {
    // A damaged entry keeps its text: a blank at the end makes another of the same meaning.
    for (let free = json; free.length < json.length + MOST_BLANKS; free += ' ') {
      const found = find.get(free) as Omit<LayoutRow, 'json'> | undefined;
      if (found === undefined) return free;
      if (fits({ ...found, json: free })) return found.id;
    }
    throw new Damaged('the layouts are damaged');
  };
  return {
    find(json) {
      const found = look(json);
      return typeof found === 'number' ? found : undefined;
    },
    idOf(json) {
      const found = look(json);
      if (typeof found === 'number') return found;
      const id = nextId.get() as number;
      insert?.run(id, found, rowCheck('layout', [id], found));
      return id;
    },
    textOf(id) {
      const found = text.get(id) as LayoutRow | undefined;
      if (found !== undefined && fits(found)) return found.json;
      const copy = indexCopy(db, id);
      if (copy !== undefined && found?.crc != null && fits({ id, json: copy, crc: found.crc })) return copy;
      throw new Damaged(`layout ${id} is ${found === undefined ? 'missing' : 'damaged'}`);
    },
  };
}

/** The index over the texts holds each of them once more. */
const indexCopy = (db: Database, id: number): string | undefined =>
  db.prepare('SELECT json FROM layout INDEXED BY sqlite_autoindex_layout_1 WHERE +id = ?').pluck().get(id) as
    | string
    | undefined;

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
