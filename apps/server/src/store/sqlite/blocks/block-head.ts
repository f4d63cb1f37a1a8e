import type { Database } from 'better-sqlite3';
import { isRepeated, type Row, verdictCode } from '../codec/row.ts';
import type { DamageNotes } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';

/** A block of results as its head tells it. */
export interface BlockHead {
  readonly series: number;
  /** Scheduled instants of its first and last row, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** Rows among them whose instants were reported before. */
  readonly repeated: number;
  /** One bit per verdict code that occurs. */
  readonly verdicts: number;
  /** The finest level of rollups that has its rows; 0: none has. */
  readonly rolled: number;
  readonly block: number;
  /** The agent's epoch of all its rows; null where they are of several, or not known. */
  readonly epoch: number | null;
  /** Lowest and highest sequence of its rows; null where not known. */
  readonly seqFrom: number | null;
  readonly seqTo: number | null;
}

/** Where a head stands. */
interface HeadPlace {
  readonly fold: number;
  readonly part: number;
}

export type StoredHead = BlockHead & HeadPlace & { readonly crc: number | null };

/** A block with fewer rows is small: its fixed part costs more than its rows need. */
export const SMALL_ROWS = 32;

export const HEAD_COLUMNS =
  'fold, series, part, from_ms AS fromMs, to_ms AS toMs, rows, repeated, verdicts, rolled, block, epoch, seq_from AS seqFrom, seq_to AS seqTo, crc';

const columnsOf = (head: BlockHead & HeadPlace): readonly (number | null)[] => [
  head.fold,
  head.series,
  head.part,
  head.fromMs,
  head.toMs,
  head.rows,
  head.repeated,
  head.verdicts,
  head.rolled,
  head.block,
  head.epoch,
  head.seqFrom,
  head.seqTo,
];

/** Whether a head is as it was written. */
export const isIntactHead = (head: StoredHead): boolean => isIntact(head.crc, 'block_head', columnsOf(head));

/** Those heads that are as they were written; the others are noted. */
export function intactHeads(heads: readonly StoredHead[], notes: DamageNotes): readonly StoredHead[] {
  if (heads.every(isIntactHead)) return heads;
  return heads.filter((head) => {
    const isIntact = isIntactHead(head);
    if (!isIntact) notes.add(headNote(head));
    return isIntact;
  });
}

/** How many results a damaged head had, and which, nobody can tell. */
export const headNote = ({ fold, series, part }: StoredHead) =>
  ({
    file: 'results.db',
    table: 'block_head',
    what: `fold ${fold}, series ${series}, part ${part}`,
    results: null,
  }) as const;

export interface HeadTable {
  /** Adds a head to a fold. */
  add(fold: number, head: BlockHead): void;
}

export function headTable(db: Database): HeadTable {
  const lastPart = db.prepare('SELECT max(part) FROM block_head WHERE fold = ? AND series = ?').pluck();
  const insert = db.prepare(
    `INSERT INTO block_head
     (fold, series, part, from_ms, to_ms, rows, repeated, verdicts, rolled, block, epoch, seq_from, seq_to, crc)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    add(fold, head) {
      const part = ((lastPart.get(fold, head.series) as number | null) ?? 0) + 1;
      const columns = columnsOf({ ...head, fold, part });
      insert.run(...columns, rowCheck('block_head', columns));
    },
  };
}

/** The head of a block of these rows, which are ordered by time. */
export function headOf(series: number, rows: readonly Row[], rolled: number, block: number): BlockHead {
  let verdicts = 0;
  let seqFrom = Number.POSITIVE_INFINITY;
  let seqTo = 0;
  const epoch = rows[0]?.epoch ?? null;
  for (const { record } of rows) {
    verdicts |= 1 << verdictCode(record.verdict);
    seqFrom = Math.min(seqFrom, record.seq);
    seqTo = Math.max(seqTo, record.seq);
  }
  return {
    series,
    fromMs: rows[0]?.record.at ?? 0,
    toMs: rows.at(-1)?.record.at ?? 0,
    rows: rows.length,
    repeated: rows.filter(({ record }) => isRepeated(record)).length,
    verdicts,
    rolled,
    block,
    epoch: rows.every((row) => row.epoch === epoch) ? epoch : null,
    seqFrom,
    seqTo,
  };
}
