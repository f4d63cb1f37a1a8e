import type { Database } from 'better-sqlite3';
import { BlockStore } from '../blocks/block-store.ts';
import { Block } from '../codec/block.ts';
import { skimLog } from '../codec/log-batch.ts';
import { isDamage } from '../damage/damaged.ts';
import { foldedThrough } from '../results-database.ts';
import { layoutTable } from './layout-table.ts';
import { isIntactBatch, LOG_COLUMNS, logRows, type StoredLogRow } from './log-table.ts';
import { SeqRanges } from './seq-ranges.ts';

/** A stored result by its number. */
export interface StoredSequence {
  readonly series: number;
  readonly epoch: number;
  readonly seq: number;
  readonly repeated: boolean;
}

/** Visits all stored results of some series. What is damaged is passed over: nobody can tell its numbers. */
export function eachStored(
  intake: Database,
  results: Database,
  wanted: ReadonlySet<number>,
  visit: (result: StoredSequence) => void,
): void {
  const after = foldedThrough(results);
  for (const row of logRows<StoredLogRow>(intake, LOG_COLUMNS, { after }, () => undefined))
    if (isIntactBatch(row))
      passingOver(() =>
        skimLog(row.data, (entry) => {
          if (wanted.has(entry.series)) visit(entry);
        }),
      );
  const layouts = layoutTable(results);
  const heads = results
    .prepare('SELECT block FROM block_head WHERE fold IN (SELECT id FROM fold) AND series = ?')
    .pluck();
  const blocks = new BlockStore(results);
  for (const series of wanted)
    for (const id of passingOver(() => heads.all(series) as number[]) ?? [])
      passingOver(() => visitBlock(new Block(blocks.get({ kind: 'rows', series }, id), layouts.textOf), series, visit));
}

function visitBlock(block: Block, series: number, visit: (result: StoredSequence) => void): void {
  const epochs = block.fixed('epoch');
  block.fixed('seq').forEach((seq, row) => {
    visit({ series, epoch: epochs[row] ?? -1, seq, repeated: block.isRepeated(row) });
  });
}

function passingOver<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/** Which sequences of each epoch of an agent are stored as results. */
export function storedSequences(intake: Database, results: Database, agent: number): ReadonlyMap<number, SeqRanges> {
  const series = intake.prepare('SELECT id FROM series WHERE agent = ?').pluck().all(agent) as number[];
  const byEpoch = new Map<number, SeqRanges>();
  eachStored(intake, results, new Set(series), ({ epoch, seq }) => {
    const ranges = byEpoch.get(epoch) ?? new SeqRanges();
    byEpoch.set(epoch, ranges);
    ranges.add(seq);
  });
  return byEpoch;
}
