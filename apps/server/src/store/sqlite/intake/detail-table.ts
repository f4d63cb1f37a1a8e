import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';

const MOST_CACHED = 50_000;
const LARGEST_CACHED = 512;
/** First byte of what is stored. */
const PLAIN = 0;
const DEFLATED = 1;

/** Keeps each detail once, under the hash of its text. */
export class DetailTable {
  /** Last detail of each series: most runs repeat it. */
  readonly #last = new Map<number, { readonly json: string; readonly id: number }>();
  readonly #find;
  readonly #insert;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT id FROM detail WHERE hash = ?').pluck();
    this.#insert = db.prepare('INSERT INTO detail (hash, data) VALUES (?, ?)');
  }

  idOf(series: number, detail: object): number {
    const json = JSON.stringify(detail);
    const last = this.#last.get(series);
    if (last?.json === json) return last.id;
    const hash = createHash('sha256').update(json).digest().subarray(0, 16);
    const found = this.#find.get(hash) as number | undefined;
    const id = found ?? Number(this.#insert.run(hash, packDetail(json)).lastInsertRowid);
    if (json.length <= LARGEST_CACHED) {
      if (this.#last.size >= MOST_CACHED) this.#last.clear();
      this.#last.set(series, { json, id });
    }
    return id;
  }

  clear(): void {
    this.#last.clear();
  }
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
