import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { Damaged } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

const MOST_CACHED = 50_000;
const LARGEST_CACHED = 512;
/** First byte of what is stored. */
const PLAIN = 0;
const DEFLATED = 1;
/** Details looked through in one step of a sweep. */
const STEP = 500;

interface Known {
  readonly json: string | null;
  readonly id: number;
  /** Day (UTC, since 1970) up to which the use is written down. */
  readonly day: number;
}

interface DetailRow {
  readonly id: number;
  readonly hash: Buffer;
  readonly crc: number | null;
  readonly data: Buffer;
}

/** Keeps each detail once, under the hash of its text, and which series uses it and on which day last. */
export class DetailTable {
  /** Last detail of each series: most runs repeat it. */
  readonly #last = new Map<number, Known>();
  readonly #find;
  readonly #insert;
  readonly #nextId;
  readonly #restore;
  readonly #use;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT id, hash, crc, data FROM detail WHERE hash = ?');
    this.#insert = db.prepare('INSERT INTO detail (id, hash, crc, data) VALUES (?, ?, ?, ?)');
    this.#nextId = db.prepare('SELECT coalesce(max(id), 0) + 1 FROM detail').pluck();
    this.#restore = db.prepare('UPDATE detail SET data = ?, crc = ? WHERE id = ?');
    this.#use = db.prepare(
      'INSERT INTO detail_use VALUES (?, ?, ?) ON CONFLICT (detail, series) DO UPDATE SET day = max(day, excluded.day)',
    );
  }

  /** @param day the later one of the result's day and of that of its receipt. */
  idOf(series: number, detail: object, day: number): number {
    const json = JSON.stringify(detail);
    const last = this.#last.get(series);
    if (last?.json === json && last.day >= day) return last.id;
    const hash = createHash('sha256').update(json).digest().subarray(0, 16);
    const found = this.#find.get(hash) as DetailRow | undefined;
    const id = found === undefined ? this.#add(hash, json) : this.#intact(found, hash, json);
    if (last === undefined || last.id !== id || last.day < day) this.#use.run(id, series, day);
    if (this.#last.size >= MOST_CACHED) this.#last.clear();
    this.#last.set(series, { json: json.length <= LARGEST_CACHED ? json : null, id, day });
    return id;
  }

  #add(hash: Buffer, json: string): number {
    const data = packDetail(json);
    const id = this.#nextId.get() as number;
    this.#insert.run(id, hash, rowCheck('detail', [id], hash, data), data);
    return id;
  }

  /** One that is stored, and written again where it is damaged: its text is at hand. */
  #intact(found: DetailRow, hash: Buffer, json: string): number {
    if (!isIntact(found.crc, 'detail', [found.id], hash, found.data)) {
      if (!found.hash.equals(hash)) throw new Damaged(`detail ${found.id} is damaged in the index by hash`);
      const data = packDetail(json);
      this.#restore.run(data, rowCheck('detail', [found.id], hash, data), found.id);
    }
    return found.id;
  }

  clear(): void {
    this.#last.clear();
  }
}

/**
 * Looks through some details after this one: uses by series that were forgotten, or last of a day before `day`, are
 * struck out, and details that nobody uses any more are deleted.
 * @returns the last one that it looked at; null at the end.
 */
export function sweepDetails(db: Database, after: number, day: number): number | null {
  const last = db
    .prepare('SELECT max(id) FROM (SELECT id FROM detail WHERE id > ? ORDER BY id LIMIT ?)')
    .pluck()
    .get(after, STEP) as number | null;
  if (last === null) return null;
  db.transaction(() => {
    db.prepare(
      'DELETE FROM detail_use WHERE detail > ? AND detail <= ? AND (day < ? OR series NOT IN (SELECT id FROM series))',
    ).run(after, last, day);
    db.prepare(
      `DELETE FROM detail WHERE id > ? AND id <= ?
       AND NOT EXISTS (SELECT 1 FROM detail_use WHERE detail_use.detail = detail.id)`,
    ).run(after, last);
  })();
  return last;
}

function packDetail(json: string): Buffer {
  const plain = Buffer.from(json);
  const deflated = deflateRawSync(plain, { level: 6 });
  return deflated.length < plain.length
    ? Buffer.concat([Buffer.of(DEFLATED), deflated])
    : Buffer.concat([Buffer.of(PLAIN), plain]);
}

/** Reads details by number. */
export function detailReader(db: Database): (id: number) => string {
  const read = db.prepare('SELECT id, hash, crc, data FROM detail WHERE id = ?');
  return (id) => {
    const row = read.get(id) as DetailRow | undefined;
    if (row === undefined) throw new Damaged(`detail ${id} is missing`);
    if (!isIntact(row.crc, 'detail', [id], row.hash, row.data)) throw new Damaged(`detail ${id} is damaged`);
    return unpackDetail(row.data);
  };
}

/** The JSON text of a stored detail. */
function unpackDetail(data: Buffer): string {
  const body = data.subarray(1);
  return (data[0] === DEFLATED ? inflateRawSync(body) : body).toString('utf8');
}
