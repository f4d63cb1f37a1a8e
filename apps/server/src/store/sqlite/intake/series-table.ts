import type { Database } from 'better-sqlite3';

const MOST_CACHED = 200_000;

/** Numbers the series (agent, check, target) of the writer; a number is never given twice. */
export class SeriesTable {
  readonly #known = new Map<string, number>();
  readonly #find;
  readonly #insert;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT id FROM series WHERE check_id = ? AND agent = ? AND target = ?').pluck();
    this.#insert = db.prepare('INSERT INTO series (check_id, agent, target) VALUES (?, ?, ?)');
  }

  idOf(agent: number, check: number, target: number): number {
    const key = `${check}/${agent}/${target}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find.get(check, agent, target) as number | undefined;
    const id = found ?? Number(this.#insert.run(check, agent, target).lastInsertRowid);
    if (this.#known.size >= MOST_CACHED) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  clear(): void {
    this.#known.clear();
  }
}
