import type { Database } from 'better-sqlite3';
import { Block } from '../codec/block.ts';
import type { LayoutBook } from '../codec/layouts.ts';
import { lastMeasured, type Row } from '../codec/row.ts';
import { Damaged, isDamage } from '../damage/damaged.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { readMeta, writeMeta } from '../meta-table.ts';
import { BlockStore } from './block-store.ts';
import { NewestTable } from './newest-table.ts';

/** Set once the newest rows are those that were measured last. */
const REVIEWED = 'newest_is_measured_last';

/** Blocks that may have a row measured after the newest row of their series. Heads are found by fold and series. */
const LATER = `SELECT h.series AS series, h.block AS block FROM newest n CROSS JOIN fold f
  CROSS JOIN block_head h ON h.fold = f.id AND h.series = n.series
  WHERE h.epoch IS NULL OR h.epoch > n.epoch OR (h.epoch = n.epoch AND (h.seq_to IS NULL OR h.seq_to > n.seq))`;

/**
 * Earlier versions kept the row with the latest instant as a series' newest, also one that a wrong clock had dated.
 * Replaces those by the rows that were measured last, once per folder. Damaged blocks are passed over.
 */
export function reviewNewest(results: Database, layouts: LayoutBook): void {
  if (isReviewed(results)) return;
  results
    .transaction(() => {
      const newest = new NewestTable(results, layouts);
      const blocks = new BlockStore(results);
      const { textOf } = layoutTable(results);
      for (const { series, block } of results.prepare(LATER).all() as { series: number; block: number }[])
        passingOver(() => {
          const opened = new Block(blocks.get({ kind: 'rows', series }, block), textOf);
          const rows = Array.from({ length: opened.rows }, (_, row) => opened.row(row, { check: 0, target: 0 }));
          const last = lastMeasured(rows);
          if (last !== undefined && hasLayouts(layouts, last)) newest.offer(series, last);
        });
      writeMeta(results, REVIEWED, 1);
    })
    .immediate();
}

/** A block may return a row's metrics in another order than its record had. The log's code knows no such row. */
const hasLayouts = (layouts: LayoutBook, { record }: Row): boolean =>
  [record, ...(record.instances ?? []).map((instance) => ({ ...instance, samples: undefined }))].every(
    ({ metrics, absent, samples }) => layouts.find(metrics, absent, samples) !== undefined,
  );

function isReviewed(results: Database): boolean {
  try {
    return readMeta(results, REVIEWED) !== undefined;
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    return false;
  }
}

function passingOver(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}
