import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';

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

/** Keeps each detail once, under the hash of its text, and which series uses it and on which day last. */
export class DetailTable {
  /** Last detail of each series: most runs repeat it. */
  readonly #last = new Map<number, Known>();
  readonly #find;
  readonly #insert;
  readonly #use;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT id FROM detail WHERE hash = ?').pluck();
    this.#insert = db.prepare('INSERT INTO detail (hash, data) VALUES (?, ?)');
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
    const found = this.#find.get(hash) as number | undefined;
    const id = found ?? Number(this.#insert.run(hash, packDetail(json)).lastInsertRowid);
    if (last === undefined || last.id !== id || last.day < day) this.#use.run(id, series, day);
    if (this.#last.size >= MOST_CACHED) this.#last.clear();
    this.#last.set(series, { json: json.length <= LARGEST_CACHED ? json : null, id, day });
    return id;
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

/** The JSON text of a stored detail. */
export function unpackDetail(data: Buffer): string {
  const body = data.subarray(1);
  return (data[0] === DEFLATED ? inflateRawSync(body) : body).toString('utf8');
}
