import type { Database } from 'better-sqlite3';
import { Damaged } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** Whose block it is: its check covers that, so that no block passes for another series', nor a rollup for results. */
export interface BlockOwner {
  readonly kind: 'rows' | 'rollup';
  readonly series: number;
}

interface StoredBlock {
  readonly crc: number | null;
  readonly data: Buffer;
}

/**
 * Bytes of blocks by number. Small blocks are soon merged into larger ones: they lie in a table of their own, under
 * numbers below 0, so that deleting them empties whole pages and leaves those of large blocks alone.
 */
export class BlockStore {
  readonly #large;
  readonly #small;

  constructor(db: Database) {
    this.#large = tableOf(db, 'block');
    this.#small = tableOf(db, 'small_block');
  }

  /** @returns the block's number. */
  add({ kind, series }: BlockOwner, data: Buffer, isSmall: boolean): number {
    const table = isSmall ? this.#small : this.#large;
    const number = table.nextId.get() as number;
    const id = isSmall ? -number : number;
    table.insert.run(number, rowCheck(kind, [id, series], data), data);
    return id;
  }

  /** @throws Damaged when there is no such block, or it is not what was written for this owner. */
  get({ kind, series }: BlockOwner, id: number): Buffer {
    const found = (id < 0 ? this.#small : this.#large).get.get(Math.abs(id)) as StoredBlock | undefined;
    if (found === undefined) throw new Damaged(`block ${id} is missing`);
    if (!isIntact(found.crc, kind, [id, series], found.data)) throw new Damaged(`block ${id} is damaged`);
    return found.data;
  }

  drop(id: number): void {
    (id < 0 ? this.#small : this.#large).drop.run(Math.abs(id));
  }
}

const tableOf = (db: Database, table: 'block' | 'small_block') => ({
  nextId: db.prepare(`SELECT coalesce(max(id), 0) + 1 FROM ${table}`).pluck(),
  insert: db.prepare(`INSERT INTO ${table} (id, crc, data) VALUES (?, ?, ?)`),
  get: db.prepare(`SELECT crc, data FROM ${table} WHERE id = ?`),
  drop: db.prepare(`DELETE FROM ${table} WHERE id = ?`),
});
