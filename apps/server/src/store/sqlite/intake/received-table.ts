import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';
import { type DamageNotes, isDamage } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';
import { SeqRanges } from './seq-ranges.ts';

const MOST_CACHED = 10_000;

interface ReceivedRow {
  readonly agent: number;
  readonly epoch: number;
  readonly ranges: Buffer;
  readonly crc: number | null;
}

const isIntactRow = ({ agent, epoch, ranges, crc }: ReceivedRow): boolean =>
  isIntact(crc, 'received', [agent, epoch], ranges);

export interface ReceivedOptions {
  readonly notes: DamageNotes;
  /** The sequences of an agent's epochs that are stored as results. They replace a damaged row. */
  readonly stored: (agent: number) => ReadonlyMap<number, SeqRanges>;
}

/** The settled sequences of each (agent, epoch), for deduplication and the ledger. */
export class ReceivedTable {
  readonly #known = new Map<string, SeqRanges>();
  readonly #changed = new Map<SeqRanges, Origin>();
  readonly #options: ReceivedOptions;
  /** A damaged row may belong to any agent, since its key may be wrong. */
  readonly #isDamaged: boolean;
  readonly #find;
  readonly #store;
  readonly #all;

  constructor(db: Database, options: ReceivedOptions) {
    this.#options = options;
    this.#find = db.prepare('SELECT agent, epoch, ranges, crc FROM received WHERE agent = ? AND epoch = ?');
    this.#store = db.prepare('INSERT OR REPLACE INTO received (agent, epoch, ranges, crc) VALUES (?, ?, ?, ?)');
    this.#all = db.prepare('SELECT agent, epoch, ranges, crc FROM received WHERE agent = ? ORDER BY epoch');
    this.#isDamaged = hasReceivedDamage(db, options.notes);
  }

  /** The settled sequences of an origin. A caller that adds to them must call `touch`. */
  of(origin: Origin): SeqRanges {
    const key = `${origin.agent}/${origin.epoch}`;
    let ranges = this.#known.get(key);
    if (ranges === undefined) {
      ranges = this.#read(origin);
      if (this.#known.size >= MOST_CACHED && this.#changed.size === 0) this.#known.clear();
      this.#known.set(key, ranges);
    }
    return ranges;
  }

  #read({ agent, epoch }: Origin): SeqRanges {
    const row = this.#find.get(agent, epoch) as ReceivedRow | undefined;
    if (row === undefined && !this.#isDamaged) return new SeqRanges();
    const ranges = row === undefined ? null : this.#rangesOf(row);
    return ranges ?? this.#options.stored(agent).get(epoch) ?? new SeqRanges();
  }

  /** null: the row is damaged. */
  #rangesOf(row: ReceivedRow): SeqRanges | null {
    const note = noteOf(row);
    if (!isIntactRow(row)) this.#options.notes.add(note);
    else return this.#options.notes.guard(note, null, () => SeqRanges.fromBytes(row.ranges));
    return null;
  }

  touch(ranges: SeqRanges, origin: Origin): void {
    this.#changed.set(ranges, origin);
  }

  /** Writes all changes, inside the caller's transaction. */
  flush(): void {
    for (const [ranges, { agent, epoch }] of this.#changed) {
      const bytes = ranges.toBytes();
      this.#store.run(agent, epoch, bytes, rowCheck('received', [agent, epoch], bytes));
    }
    this.#changed.clear();
  }

  all(agent: number): { epoch: number; ranges: readonly (readonly [number, number])[] }[] {
    const found = new Map<number, SeqRanges | null>();
    for (const row of this.#all.all(agent) as ReceivedRow[]) found.set(row.epoch, this.#rangesOf(row));
    if (this.#isDamaged || [...found.values()].includes(null))
      for (const [epoch, ranges] of this.#options.stored(agent)) if (found.get(epoch) == null) found.set(epoch, ranges);
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([epoch, ranges]) => ({ epoch, ranges: (ranges ?? new SeqRanges()).list }));
  }

  clear(): void {
    this.#known.clear();
    this.#changed.clear();
  }
}

const noteOf = ({ agent, epoch }: Origin) =>
  ({ file: 'intake.db', table: 'received', what: `agent ${agent}, epoch ${epoch}`, results: 0 }) as const;

/** Reads all rows, a few bytes per epoch of each agent, and records damaged ones. */
export function hasReceivedDamage(db: Database, notes: DamageNotes): boolean {
  let isDamaged = false;
  try {
    const rows = db.prepare('SELECT agent, epoch, ranges, crc FROM received').iterate();
    for (const row of rows as IterableIterator<ReceivedRow>)
      if (!isIntactRow(row)) {
        isDamaged = true;
        notes.add(noteOf(row));
      }
  } catch (error) {
    if (!isDamage(error)) throw error;
    isDamaged = true;
    notes.add({ file: 'intake.db', table: 'received', what: 'its pages', results: 0 });
  }
  return isDamaged;
}
