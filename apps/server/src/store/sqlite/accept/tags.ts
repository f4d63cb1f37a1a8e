import type { Database } from 'better-sqlite3';

/** Most tags that are kept in memory of each kind, some 50 bytes each. */
const MOST_CACHED = 500_000;

type Kind = 'check' | 'target';

/** The random tags of checks and targets. A row never changes its tag. */
export class Tags {
  readonly #find;
  readonly #known: Readonly<Record<Kind, Map<number, number | null>>> = { check: new Map(), target: new Map() };

  /** @param config the configuration database, opened for reading. */
  constructor(config: Database) {
    const find = (table: Kind) => config.prepare(`SELECT tag FROM "${table}" WHERE id = ?`).pluck();
    this.#find = { check: find('check'), target: find('target') };
  }

  /** null: the row is gone, or older than tags. */
  of(kind: Kind, id: number): number | null {
    const known = this.#known[kind];
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const tag = this.#find[kind].get(id) as number | null | undefined;
    if (tag === undefined) return null;
    if (known.size >= MOST_CACHED) known.clear();
    known.set(id, tag);
    return tag;
  }
}
