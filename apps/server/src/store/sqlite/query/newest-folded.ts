import type { BlockHead } from '../blocks/block-head.ts';
import type { NewestRow } from '../blocks/newest-table.ts';
import type { Block } from '../codec/block.ts';
import { compareMeasured, isMeasuredAfter, type MeasuredPlace } from '../codec/measured-order.ts';
import type { Row } from '../codec/row.ts';
import type { SeriesRow } from '../intake/series-table.ts';

/** The newest folded result of a series, not decoded yet. */
export type NewestFolded = Pick<NewestRow, 'series' | 'at' | 'epoch' | 'seq' | 'verdict'> & {
  readonly read: () => Row;
};

/** The blocks of a store, as a query reads them. */
interface Blocks {
  heads(series: readonly SeriesRow[], fromMs: number, toMs: number): readonly BlockHead[];
  inBlock<Found>(head: BlockHead, otherwise: Found, read: (block: Block) => Found): Found;
}

const ALWAYS = Number.MAX_SAFE_INTEGER;

/**
 * Searches the series' blocks for the result that was measured last, at instants until `untilMs`. undefined: none can be
 * read.
 */
export function newestInBlocks(snapshot: Blocks, series: SeriesRow, untilMs = ALWAYS - 1): NewestFolded | undefined {
  let newest: NewestFolded | undefined;
  const heads = [...snapshot.heads([series], 0, untilMs + 1)].sort((a, b) => compareMeasured(lastOf(b), lastOf(a)));
  for (const head of heads) {
    if (newest !== undefined && !isMeasuredAfter(lastOf(head), newest)) break;
    const found = snapshot.inBlock<NewestFolded | undefined>(head, undefined, (block) =>
      newestIn(block, series, untilMs),
    );
    if (found !== undefined && (newest === undefined || isMeasuredAfter(found, newest))) newest = found;
  }
  return newest;
}

/** At least the place of a block's last measured row. A head that does not know it may hold the newest of all. */
export const lastOf = ({ epoch, seqTo }: Pick<BlockHead, 'epoch' | 'seqTo'>): MeasuredPlace => ({
  epoch: epoch ?? ALWAYS,
  seq: seqTo ?? ALWAYS,
});

function newestIn(block: Block, series: SeriesRow, untilMs: number): NewestFolded | undefined {
  const [epochs, seqs] = [block.fixed('epoch'), block.fixed('seq')];
  const placeOf = (row: number): MeasuredPlace => ({ epoch: epochs[row] ?? 0, seq: seqs[row] ?? 0 });
  let last = -1;
  block.at.forEach((at, row) => {
    if (at <= untilMs && (last < 0 || isMeasuredAfter(placeOf(row), placeOf(last)))) last = row;
  });
  if (last < 0) return undefined;
  const row = block.row(last, series);
  const { at, seq } = row.record;
  return { series: series.id, at, epoch: row.epoch, seq, verdict: block.verdicts[last] ?? 0, read: () => row };
}
