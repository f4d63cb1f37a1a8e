import type { Database } from 'better-sqlite3';
import type { BlockStore } from '../blocks/block-store.ts';
import { Block } from '../codec/block.ts';
import type { DamageNote, DamageNotes } from '../damage/damaged.ts';
import { isIntact, rowCheck } from '../damage/row-check.ts';
import { layoutIds, layoutTable } from '../intake/layout-table.ts';
import type { Bucket } from './bucket.ts';
import type { Level } from './levels.ts';
import { readPiece, writePiece } from './piece.ts';

/** What a piece's runs are in. */
export interface PieceLevels {
  /** The piece's own. */
  readonly level: Level;
  /** The finest level that has these runs: those below it are skipped. */
  readonly finest: Level;
  /** Whether all coarser levels have them too; a piece that is not lifted is of the finest level. */
  readonly isLifted: boolean;
}

/** A piece of a series' rollup as its head tells it. Pieces of one level add up, also where their buckets are the same. */
export interface PieceHead extends PieceLevels {
  readonly fold: number;
  readonly series: number;
  readonly part: number;
  /** Begin of its first and of its last bucket, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: number;
  readonly block: number;
}

const PIECE_COLUMNS =
  'fold, series, level, part, finest, lifted, from_ms AS fromMs, to_ms AS toMs, buckets, block, crc';

const columnsOf = ({ fold, series, level, part, finest, isLifted, fromMs, toMs, buckets, block }: PieceHead) => [
  fold,
  series,
  level,
  part,
  finest,
  isLifted ? 1 : 0,
  fromMs,
  toMs,
  buckets,
  block,
];

/** Selects heads of pieces; damaged ones are noted and left out. @param where a condition with its parameters. */
export function piecesWhere(
  db: Database,
  where: string,
  notes: DamageNotes,
): (...parameters: readonly number[]) => readonly PieceHead[] {
  const select = db.prepare(`SELECT ${PIECE_COLUMNS} FROM rollup_head WHERE ${where}`);
  return (...parameters) =>
    (select.all(...parameters) as (PieceHead & { lifted: number; crc: number | null })[]).flatMap(
      ({ lifted, crc, ...stored }) => {
        const head = { ...stored, isLifted: lifted !== 0 };
        if (isIntact(crc, 'rollup_head', columnsOf(head))) return [head];
        notes.add(pieceHeadNote(head));
        return [];
      },
    );
}

/** Which buckets a damaged head had, nobody can tell; the results themselves lie elsewhere. */
export const pieceHeadNote = ({ fold, series, level, part }: PieceHead): DamageNote => ({
  file: 'results.db',
  table: 'rollup_head',
  what: `fold ${fold}, series ${series}, level ${level}, part ${part}`,
  results: null,
});

/** Most buckets of a piece: a day of the finest level. */
const MOST_BUCKETS = 288;

/** A piece with fewer buckets is merged again. */
export const SMALL_BUCKETS = 96;

/** Writes pieces of rollups into a fold. */
export class RollupWriter {
  readonly #blocks: BlockStore;
  readonly #layoutId;
  readonly #textOf;
  readonly #addHead;
  readonly #lastPart;

  constructor(db: Database, blocks: BlockStore) {
    this.#blocks = blocks;
    this.#layoutId = layoutIds(db);
    this.#textOf = layoutTable(db).textOf;
    this.#addHead = db.prepare(
      `INSERT INTO rollup_head (fold, series, level, part, finest, lifted, from_ms, to_ms, buckets, block, crc)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#lastPart = db
      .prepare('SELECT max(part) FROM rollup_head WHERE fold = ? AND series = ? AND level = ?')
      .pluck();
  }

  /** @throws Damaged */
  read({ series, block }: PieceHead): readonly Bucket[] {
    return readPiece(new Block(this.#blocks.get({ kind: 'rollup', series }, block), this.#textOf));
  }

  drop({ block }: PieceHead): void {
    this.#blocks.drop(block);
  }

  /** Writes buckets of one level into a fold. */
  write(fold: number, series: number, levels: PieceLevels, buckets: readonly Bucket[]): void {
    for (let from = 0; from < buckets.length; from += MOST_BUCKETS) {
      const some = buckets.slice(from, from + MOST_BUCKETS);
      const block = this.#blocks.add(
        { kind: 'rollup', series },
        writePiece(some, this.#layoutId),
        some.length < SMALL_BUCKETS,
      );
      const [fromMs, toMs] = [some[0]?.at ?? 0, some.at(-1)?.at ?? 0];
      this.keep(fold, { fold, series, ...levels, fromMs, toMs, buckets: some.length, block });
    }
  }

  /** Puts a head into a fold whose piece stays as it is. */
  keep(fold: number, head: Omit<PieceHead, 'part'>): void {
    const part = ((this.#lastPart.get(fold, head.series, head.level) as number | null) ?? 0) + 1;
    const columns = columnsOf({ ...head, fold, part });
    this.#addHead.run(...columns, rowCheck('rollup_head', columns));
  }
}
