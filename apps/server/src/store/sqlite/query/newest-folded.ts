import type { BlockHead } from '../blocks/block-head.ts';
import type { NewestRow } from '../blocks/newest-table.ts';
import type { Block } from '../codec/block.ts';
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

/** Searches the series' blocks for it, newest first. undefined: none can be read. */
export function newestInBlocks(snapshot: Blocks, series: SeriesRow): NewestFolded | undefined {
  let newest: NewestFolded | undefined;
  const heads = [...snapshot.heads([series], 0, ALWAYS)].sort((a, b) => b.toMs - a.toMs);
  for (const head of heads) {
    if (newest !== undefined && head.toMs < newest.at) break;
    const found = snapshot.inBlock<NewestFolded | undefined>(head, undefined, (block) => {
      const last = block.rows - 1;
      const row = block.row(last, series);
      const { at, seq } = row.record;
      return { series: series.id, at, epoch: row.epoch, seq, verdict: block.verdicts[last] ?? 0, read: () => row };
    });
    if (found !== undefined && (newest === undefined || isAfter(found, newest))) newest = found;
  }
  return newest;
}

const isAfter = (a: NewestFolded, b: NewestFolded): boolean => (a.at - b.at || a.epoch - b.epoch || a.seq - b.seq) > 0;
