import type { Database } from 'better-sqlite3';
import type { Origin } from '../../result-store.ts';
import { SeqRanges } from './seq-ranges.ts';

const MOST_CACHED = 10_000;

/** What is settled of each (agent, epoch): the deduplication and half of the ledger. */
export class ReceivedTable {
  readonly #known = new Map<string, SeqRanges>();
  readonly #changed = new Map<SeqRanges, Origin>();
  readonly #find;
  readonly #store;
  readonly #all;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT ranges FROM received WHERE agent = ? AND epoch = ?').pluck();
    this.#store = db.prepare('INSERT OR REPLACE INTO received VALUES (?, ?, ?)');
    this.#all = db.prepare('SELECT epoch, ranges FROM received WHERE agent = ? ORDER BY epoch');
  }

  /** The settled sequences of an origin; whoever adds to them says so by `touch`. */
  of({ agent, epoch }: Origin): SeqRanges {
    const key = `${agent}/${epoch}`;
    let ranges = this.#known.get(key);
    if (ranges === undefined) {
      const stored = this.#find.get(agent, epoch) as Buffer | undefined;
      ranges = stored === undefined ? new SeqRanges() : SeqRanges.fromBytes(stored);
      if (this.#known.size >= MOST_CACHED && this.#changed.size === 0) this.#known.clear();
      this.#known.set(key, ranges);
    }
    return ranges;
  }

  touch(ranges: SeqRanges, origin: Origin): void {
    this.#changed.set(ranges, origin);
  }

  /** Writes what changed, inside the caller's transaction. */
  flush(): void {
    for (const [ranges, { agent, epoch }] of this.#changed) this.#store.run(agent, epoch, ranges.toBytes());
    this.#changed.clear();
  }

  all(agent: number): { epoch: number; ranges: readonly (readonly [number, number])[] }[] {
    const rows = this.#all.all(agent) as { epoch: number; ranges: Buffer }[];
    return rows.map(({ epoch, ranges }) => ({ epoch, ranges: SeqRanges.fromBytes(ranges).list }));
  }

  clear(): void {
    this.#known.clear();
    this.#changed.clear();
  }
}
