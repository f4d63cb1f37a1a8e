import type { Database } from 'better-sqlite3';
import { Damaged } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

const MOST_CACHED = 200_000;

/** A series and whose it is. */
export interface SeriesRow {
  readonly id: number;
  readonly agent: number;
  readonly check: number;
  readonly target: number;
}

type ChecksummedRow = SeriesRow & { readonly crc: number | null };

const COLUMNS = 'id, agent, check_id AS "check", target';

const isIntactSeries = ({ id, agent, check, target, crc }: ChecksummedRow): boolean =>
  isIntact(crc, 'series', [id, agent, check, target]);

/** Numbers the series (agent, check, target) of the writer; a number is never given twice. */
export class SeriesTable {
  readonly #known = new Map<string, number>();
  readonly #find;
  readonly #insert;
  readonly #nextId;

  constructor(db: Database) {
    this.#find = db.prepare(`SELECT ${COLUMNS}, crc FROM series WHERE check_id = ? AND agent = ? AND target = ?`);
    this.#insert = db.prepare('INSERT INTO series (id, check_id, agent, target, crc) VALUES (?, ?, ?, ?, ?)');
    // AUTOINCREMENT keeps the highest number ever given there.
    this.#nextId = db
      .prepare(
        `SELECT max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'series'),
         (SELECT coalesce(max(id), 0) FROM series)) + 1`,
      )
      .pluck();
  }

  /** @throws Damaged where its entry is: what would be stored under it might be another series' */
  idOf(agent: number, check: number, target: number): number {
    const key = `${check}/${agent}/${target}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#stored(agent, check, target) ?? this.#add(agent, check, target);
    if (this.#known.size >= MOST_CACHED) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  #stored(agent: number, check: number, target: number): number | undefined {
    const found = this.#find.get(check, agent, target) as ChecksummedRow | undefined;
    if (found === undefined) return undefined;
    if (isIntactSeries({ ...found, agent, check, target })) return found.id;
    throw new Damaged(`series ${found.id} is damaged`);
  }

  #add(agent: number, check: number, target: number): number {
    const id = this.#nextId.get() as number;
    this.#insert.run(id, check, agent, target, rowCheck('series', [id, agent, check, target]));
    return id;
  }

  clear(): void {
    this.#known.clear();
  }
}

/**
 * Reads series after this number, in order. The unique index holds each key once more, which stands in for a damaged row.
 * @param onDamaged is given the number of one whose key cannot be read.
 */
export function readSeries(db: Database, after: number, onDamaged: (id: number) => void): readonly SeriesRow[] {
  const rows = db
    .prepare(`SELECT ${COLUMNS}, crc FROM series NOT INDEXED WHERE id > ? ORDER BY id`)
    .all(after) as ChecksummedRow[];
  return rows.flatMap(({ crc, ...row }) => {
    if (isIntactSeries({ ...row, crc })) return [row];
    const copies = db
      .prepare(`SELECT ${COLUMNS} FROM series INDEXED BY sqlite_autoindex_series_1 WHERE +id = ?`)
      .all(row.id) as SeriesRow[];
    const copy = copies.find((one) => isIntactSeries({ ...one, crc }));
    if (copy === undefined) onDamaged(row.id);
    return copy === undefined ? [] : [copy];
  });
}
