import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS, intactHeads, type StoredHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { dayOf } from '../blocks/chunks.ts';
import { readFolds, writeFold } from '../blocks/fold-table.ts';
import { Block } from '../codec/block.ts';
import { setAside } from '../damage/damage-table.ts';
import { type DamageNote, DamageNotes, isDamage } from '../damage/damaged.ts';
import { rowCheck } from '../damage/row-check.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { quietFolds } from '../merge/folds-to-merge.ts';
import { rowsOf } from '../merge/merge-rows.ts';
import { regroup } from '../rollup/bucket.ts';
import { LEVELS, widthOf } from '../rollup/levels.ts';
import { rollUp } from '../rollup/roll-up.ts';
import { type PieceHead, piecesWhere, RollupWriter } from '../rollup/rollup-store.ts';
import { type Horizons, readDeleted } from './horizons.ts';
import { isIntactRetired, RETIRED_COLUMNS, type RetiredRow, retiredNote } from './retired-day.ts';

/** Blocks deleted per transaction. */
const STEP_BLOCKS = 500;

/**
 * Deletes some data that is due for it: whole blocks, whose daily counts stay for the ledger, and pieces of rollups.
 * Results that are in no rollup yet are rolled up first.
 * @returns whether there may be more.
 */
export function retireStep(db: Database, sketched: ReadonlySet<string>): boolean {
  return db
    .transaction(() => {
      const horizons = readDeleted(db);
      const step = new RetireStep(db, sketched);
      return step.blocks(horizons[0]) || step.pieces(horizons) || dropEmpty(db, horizons);
    })
    .immediate();
}

class RetireStep {
  readonly #db: Database;
  readonly #blocks: BlockStore;
  readonly #rollups: RollupWriter;
  readonly #sketched: ReadonlySet<string>;
  readonly #notes = new DamageNotes();
  readonly #retired;
  readonly #retire;

  constructor(db: Database, sketched: ReadonlySet<string>) {
    this.#db = db;
    this.#sketched = sketched;
    this.#blocks = new BlockStore(db);
    this.#rollups = new RollupWriter(db, this.#blocks);
    this.#retired = db.prepare(`SELECT ${RETIRED_COLUMNS} FROM retired WHERE series = ? AND day = ?`);
    this.#retire = db.prepare(
      'INSERT OR REPLACE INTO retired (series, day, rows, repeated, from_ms, to_ms, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
  }

  blocks(beforeMs: number): boolean {
    const due = readFolds(this.#db, new DamageNotes()).folds.find(
      ({ fromMs, sweptMs }) => fromMs < beforeMs && sweptMs < beforeMs,
    );
    if (due === undefined) return false;
    const fold = due.id;
    const heads = this.#db
      .prepare(`SELECT ${HEAD_COLUMNS} FROM block_head WHERE fold = ? AND to_ms < ? LIMIT ${STEP_BLOCKS}`)
      .all(fold, beforeMs) as StoredHead[];
    const leave = this.#db.prepare('DELETE FROM block_head WHERE fold = ? AND series = ? AND part = ?');
    const intact = new Set(intactHeads(heads, this.#notes));
    for (const note of this.#notes.take()) setAside(this.#db, note, null);
    for (const head of heads) {
      if (intact.has(head)) {
        if (head.rolled === 0) this.#rollUp(fold, head);
        this.#count(head);
        this.#blocks.drop(head.block);
      }
      leave.run(fold, head.series, head.part);
    }
    if (heads.length < STEP_BLOCKS) writeFold(this.#db, { ...due, sweptMs: beforeMs });
    return true;
  }

  /** Deletes pieces that lie completely before their level's horizon. Those not in a coarser level yet are lifted first. */
  pieces(horizons: Horizons): boolean {
    const leave = this.#db.prepare('DELETE FROM rollup_head WHERE block = ? AND fold = ? AND series = ? AND level = ?');
    for (const level of LEVELS) {
      const beforeMs = horizons[level] ?? 0;
      if (beforeMs === 0) continue;
      const due = piecesWhere(
        this.#db,
        `level = ? AND to_ms <= ? AND fold IN (SELECT id FROM fold WHERE from_ms < ?) LIMIT ${STEP_BLOCKS}`,
        this.#notes,
      )(level, beforeMs - widthOf(level), beforeMs);
      for (const piece of due) {
        if (!piece.isLifted) this.#lift(piece);
        leave.run(piece.block, piece.fold, piece.series, level);
        this.#blocks.drop(piece.block);
      }
      if (due.length > 0) return true;
    }
    return false;
  }

  #lift(piece: PieceHead): void {
    const { fold, series, finest, level, fromMs, toMs, block } = piece;
    const place = { file: 'results.db', table: 'block', what: `rollup ${block} of series ${series}` } as const;
    const endMs = toMs + widthOf(level) - 1;
    const buckets = this.#reading({ ...place, fromMs, toMs: endMs, results: null }, series, () =>
      this.#rollups.read(piece),
    );
    if (buckets === null) return;
    for (const level of LEVELS)
      if (level > finest)
        this.#rollups.write(fold, series, { level, finest, isLifted: true }, regroup(buckets, widthOf(level)));
  }

  /** Damaged data cannot be rolled up: it is recorded permanently, and the result is null. */
  #reading<T>(note: DamageNote, series: number, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      setAside(this.#db, note, series);
      return null;
    }
  }

  #rollUp(fold: number, { series, block, fromMs, toMs, rows: results }: BlockHead): void {
    const what = `block ${block} of series ${series}`;
    const rows = this.#reading({ file: 'results.db', table: 'block', what, fromMs, toMs, results }, series, () =>
      rowsOf(new Block(this.#blocks.get({ kind: 'rows', series }, block), layoutTable(this.#db).textOf)),
    );
    if (rows === null) return;
    const { levels, buckets } = rollUp(rows, this.#sketched);
    this.#rollups.write(fold, series, levels, buckets);
  }

  #count({ series, rows, repeated, fromMs, toMs }: BlockHead): void {
    const day = dayOf(fromMs);
    const stored = this.#retired.get(series, day) as RetiredRow | undefined;
    const before = stored !== undefined && isIntactRetired(stored) ? stored : { rows: 0, repeated: 0, fromMs, toMs };
    if (stored !== undefined && !isIntactRetired(stored)) setAside(this.#db, retiredNote(stored), series);
    const columns = [
      series,
      day,
      before.rows + rows,
      before.repeated + repeated,
      Math.min(before.fromMs, fromMs),
      Math.max(before.toMs, toMs),
    ];
    this.#retire.run(...columns, rowCheck('retired', columns));
  }
}

/** Deletes empty folds, and newest rows of series whose newest result is expired. */
function dropEmpty(db: Database, horizons: Horizons): false {
  db.prepare('DELETE FROM newest WHERE at < ?').run(horizons[0]);
  const drop = db.prepare(
    `DELETE FROM fold WHERE id = ?
     AND NOT EXISTS (SELECT 1 FROM block_head WHERE block_head.fold = fold.id)
     AND NOT EXISTS (SELECT 1 FROM rollup_head WHERE rollup_head.fold = fold.id)`,
  );
  for (const { id } of quietFolds(readFolds(db, new DamageNotes()).folds)) drop.run(id);
  return false;
}
