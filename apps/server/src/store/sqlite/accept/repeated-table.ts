import type { Database } from 'better-sqlite3';

const MOST_CACHED = 10_000;

/** A damaged count admits too many runs or too few, and is shown nowhere: it has no check. */
export const REPEATED_TABLE = `
CREATE TABLE IF NOT EXISTS repeated_run (
  agent INTEGER NOT NULL, check_id INTEGER NOT NULL, target INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (agent, check_id, target)) WITHOUT ROWID;
`;

interface Count {
  readonly key: readonly [agent: number, check: number, target: number];
  count: number;
}

/** How many repeated runs of each check and target were ever stored of an agent. In memory until `flush`. */
export class RepeatedTable {
  readonly #known = new Map<string, Count>();
  readonly #changed = new Set<Count>();
  readonly #find;
  readonly #store;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT count FROM repeated_run WHERE agent = ? AND check_id = ? AND target = ?').pluck();
    this.#store = db.prepare('INSERT OR REPLACE INTO repeated_run VALUES (?, ?, ?, ?)');
  }

  of(agent: number, check: number, target: number): number {
    return this.#get(agent, check, target).count;
  }

  add(agent: number, check: number, target: number): void {
    const known = this.#get(agent, check, target);
    known.count += 1;
    this.#changed.add(known);
  }

  /** Writes what was added, inside the caller's transaction. */
  flush(): void {
    for (const { key, count } of this.#changed) this.#store.run(...key, count);
    this.#changed.clear();
  }

  clear(): void {
    this.#known.clear();
    this.#changed.clear();
  }

  #get(...key: Count['key']): Count {
    const name = key.join('/');
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_CACHED && this.#changed.size === 0) this.#known.clear();
    const read = { key, count: (this.#find.get(...key) as number | undefined) ?? 0 };
    this.#known.set(name, read);
    return read;
  }
}
