import type { Database } from 'better-sqlite3';
import { BlockStore } from '../blocks/block-store.ts';
import { Block } from '../codec/block.ts';
import { skimLog } from '../codec/log-batch.ts';
import { foldedThrough } from '../results-database.ts';
import { layoutTable } from './layout-table.ts';
import { SeqRanges } from './seq-ranges.ts';

/**
 * How many results of an origin with a sequence in these ranges are stored, by `check/target`: looked up when an agent
 * declares records as lost that did arrive. Rare, so it reads the log and the blocks rather than keeping an index.
 */
export function storedAmong(
  intake: Database,
  results: Database,
  { agent, epoch }: { agent: number; epoch: number },
  wanted: readonly (readonly [number, number])[],
): ReadonlyMap<string, number> {
  const ranges = new SeqRanges(wanted);
  const rows = intake.prepare('SELECT id, check_id, target FROM series WHERE agent = ?').all(agent) as {
    id: number;
    check_id: number;
    target: number;
  }[];
  const names = new Map(rows.map(({ id, check_id, target }) => [id, `${check_id}/${target}`]));
  const counts = new Map<string, number>();
  const count = (series: number, ofEpoch: number, seq: number) => {
    const name = names.get(series);
    if (name !== undefined && ofEpoch === epoch && ranges.has(seq)) counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const log = intake.prepare('SELECT data FROM log WHERE id > ?').pluck();
  for (const data of log.iterate(foldedThrough(results)) as IterableIterator<Buffer>)
    skimLog(data, (entry) => {
      if (!entry.repeated) count(entry.series, entry.epoch, entry.seq);
    });
  const layouts = layoutTable(results);
  const heads = results
    .prepare('SELECT block FROM block_head WHERE fold IN (SELECT id FROM fold) AND series = ?')
    .pluck();
  const blocks = new BlockStore(results);
  for (const series of names.keys())
    for (const id of heads.all(series) as number[]) {
      const block = new Block(blocks.get(id), layouts.textOf);
      const epochs = block.fixed('epoch');
      block.fixed('seq').forEach((seq, row) => {
        if (!block.isRepeated(row)) count(series, epochs[row] ?? -1, seq);
      });
    }
  return counts;
}
