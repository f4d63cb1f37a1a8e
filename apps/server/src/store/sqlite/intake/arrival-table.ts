import type { Database } from 'better-sqlite3';
import { countNote, type DamageNotes } from '../damage/damaged.ts';
import { checkOfGrown, isIntact } from '../damage/row-check.ts';

const KEPT_S = 2 * 3600;
const COLUMNS = 'second, count, crc';

interface ArrivalRow {
  readonly second: number;
  readonly count: number;
  readonly crc: number | null;
}

const isIntactArrival = ({ second, count, crc }: ArrivalRow): boolean => isIntact(crc, 'arrival', [second, count]);

/** Counts results by the second of their receipt, for two hours. */
export class ArrivalTable {
  readonly #find;
  readonly #write;
  readonly #drop;

  constructor(db: Database) {
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM arrival WHERE second = ?`);
    this.#write = db.prepare('INSERT OR REPLACE INTO arrival (second, count, crc) VALUES (?, ?, ?)');
    this.#drop = db.prepare('DELETE FROM arrival WHERE second < ?');
  }

  add(receivedMs: number, results: number): void {
    const second = Math.floor(receivedMs / 1000);
    const before = this.#find.get(second) as ArrivalRow | undefined;
    const count = results + (before?.count ?? 0);
    const crc = checkOfGrown(before === undefined || isIntactArrival(before), 'arrival', [second, count]);
    this.#write.run(second, count, crc);
    if (second % 60 === 0) this.#drop.run(second - KEPT_S);
  }
}

/** Reads how many results were received since an instant (epoch ms). Damaged counts are left out and recorded. */
export function arrivalReader(db: Database, notes: DamageNotes): (fromMs: number) => number {
  const select = db.prepare(`SELECT ${COLUMNS} FROM arrival WHERE second >= ?`);
  return (fromMs) => {
    const pages = countNote('arrival', 'its pages');
    const rows = notes.guard<readonly ArrivalRow[]>(
      pages,
      [],
      () => select.all(Math.floor(fromMs / 1000)) as ArrivalRow[],
    );
    return rows.reduce((sum, row) => {
      if (isIntactArrival(row)) return sum + row.count;
      notes.add(countNote('arrival', `second ${row.second}`));
      return sum;
    }, 0);
  };
}

/** Records damaged counts. */
export function checkArrivals(db: Database, notes: DamageNotes): void {
  arrivalReader(db, notes)(0);
}
