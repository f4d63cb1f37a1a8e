import type { Database } from 'better-sqlite3';

/**
 * Bytes of blocks by number. Small blocks are soon merged into larger ones: they lie in a table of their own, under
 * numbers below 0, so that deleting them empties whole pages and leaves those of large blocks alone.
 */
export class BlockStore {
  readonly #add;
  readonly #addSmall;
  readonly #get;
  readonly #getSmall;
  readonly #drop;
  readonly #dropSmall;

  constructor(db: Database) {
    this.#add = db.prepare('INSERT INTO block (data) VALUES (?)');
    this.#addSmall = db.prepare('INSERT INTO small_block (data) VALUES (?)');
    this.#get = db.prepare('SELECT data FROM block WHERE id = ?').pluck();
    this.#getSmall = db.prepare('SELECT data FROM small_block WHERE id = ?').pluck();
    this.#drop = db.prepare('DELETE FROM block WHERE id = ?');
    this.#dropSmall = db.prepare('DELETE FROM small_block WHERE id = ?');
  }

  /** @returns the block's number. */
  add(data: Buffer, isSmall: boolean): number {
    return isSmall ? -Number(this.#addSmall.run(data).lastInsertRowid) : Number(this.#add.run(data).lastInsertRowid);
  }

  /** @throws RangeError when there is no such block. */
  get(id: number): Buffer {
    const data = (id < 0 ? this.#getSmall.get(-id) : this.#get.get(id)) as Buffer | undefined;
    if (data === undefined) throw new RangeError(`block ${id} is missing: the database is damaged`);
    return data;
  }

  drop(id: number): void {
    if (id < 0) this.#dropSmall.run(-id);
    else this.#drop.run(id);
  }
}
