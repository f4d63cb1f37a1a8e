import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { dayOf } from '../blocks/chunks.ts';
import { Block } from '../codec/block.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { rowsOf } from '../merge/merge-rows.ts';
import { regroup } from '../rollup/bucket.ts';
import { LEVELS, widthOf } from '../rollup/levels.ts';
import { rollUp } from '../rollup/roll-up.ts';
import { type PieceHead, piecesWhere, RollupWriter } from '../rollup/rollup-store.ts';
import { type Horizons, readHorizons } from './horizons.ts';

/** Blocks deleted per transaction. */
const STEP_BLOCKS = 500;

/**
 * Deletes some of what lies before the horizons: whole blocks, of which each day's count stays for the ledger, and
 * pieces of rollups. What no rollup has yet is rolled up first.
 * @returns whether there may be more.
 */
export function retireStep(db: Database, sketched: ReadonlySet<string>): boolean {
  return db
    .transaction(() => {
      const horizons = readHorizons(db);
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

  constructor(db: Database, sketched: ReadonlySet<string>) {
    this.#db = db;
    this.#sketched = sketched;
    this.#blocks = new BlockStore(db);
    this.#rollups = new RollupWriter(db, this.#blocks);
  }

  blocks(beforeMs: number): boolean {
    const fold = this.#db
      .prepare('SELECT id FROM fold WHERE from_ms < ? AND swept_ms < ? LIMIT 1')
      .pluck()
      .get(beforeMs, beforeMs) as number | undefined;
    if (fold === undefined) return false;
    const heads = this.#db
      .prepare(`SELECT ${HEAD_COLUMNS}, part FROM block_head WHERE fold = ? AND to_ms < ? LIMIT ${STEP_BLOCKS}`)
      .all(fold, beforeMs) as (BlockHead & { part: number })[];
    const leave = this.#db.prepare('DELETE FROM block_head WHERE fold = ? AND series = ? AND part = ?');
    for (const head of heads) {
      if (head.rolled === 0) this.#rollUp(fold, head);
      this.#count(head);
      this.#blocks.drop(head.block);
      leave.run(fold, head.series, head.part);
    }
    if (heads.length < STEP_BLOCKS) this.#db.prepare('UPDATE fold SET swept_ms = ? WHERE id = ?').run(beforeMs, fold);
    return true;
  }

  /** Pieces whose runs are all before their level's horizon; those that no coarser level has are lifted first. */
  pieces(horizons: Horizons): boolean {
    const leave = this.#db.prepare('DELETE FROM rollup_head WHERE block = ? AND fold = ? AND series = ? AND level = ?');
    for (const level of LEVELS) {
      const beforeMs = horizons[level] ?? 0;
      if (beforeMs === 0) continue;
      const due = piecesWhere(
        this.#db,
        `level = ? AND to_ms <= ? AND fold IN (SELECT id FROM fold WHERE from_ms < ?) LIMIT ${STEP_BLOCKS}`,
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
    const { fold, series, finest } = piece;
    const buckets = this.#rollups.read(piece);
    for (const level of LEVELS)
      if (level > finest)
        this.#rollups.write(fold, series, { level, finest, isLifted: true }, regroup(buckets, widthOf(level)));
  }

  #rollUp(fold: number, { series, block }: BlockHead): void {
    const rows = rowsOf(new Block(this.#blocks.get(block), layoutTable(this.#db).textOf));
    const { levels, buckets } = rollUp(rows, this.#sketched);
    this.#rollups.write(fold, series, levels, buckets);
  }

  #count({ series, rows, repeated, fromMs, toMs }: BlockHead): void {
    this.#db
      .prepare(
        `INSERT INTO retired (series, day, rows, repeated, from_ms, to_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (series, day) DO UPDATE SET rows = rows + excluded.rows, repeated = repeated + excluded.repeated,
         from_ms = min(from_ms, excluded.from_ms), to_ms = max(to_ms, excluded.to_ms)`,
      )
      .run(series, dayOf(fromMs), rows, repeated, fromMs, toMs);
  }
}

/** Folds of which nothing is left, and series whose newest result is retired. */
function dropEmpty(db: Database, horizons: Horizons): false {
  db.prepare('DELETE FROM newest WHERE at < ?').run(horizons[0]);
  db.prepare(
    `DELETE FROM fold WHERE into_fold IS NULL AND through_series IS NULL
     AND NOT EXISTS (SELECT 1 FROM block_head WHERE block_head.fold = fold.id)
     AND NOT EXISTS (SELECT 1 FROM rollup_head WHERE rollup_head.fold = fold.id)`,
  ).run();
  return false;
}
