import type { ResultName, StoredResult } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import type { Snapshot } from './snapshot.ts';

/** Most blocks without sequences in their heads that are opened for one result, newest first. */
const MOST_UNKNOWN = 500;
const ALWAYS = Number.MAX_SAFE_INTEGER;

/**
 * The identified result. Heads show which blocks may have it: of each series of the agent, the one or two whose range of
 * sequences contains it.
 */
export function resultOf(snapshot: Snapshot, name: ResultName): StoredResult | null {
  const { agent, epoch, seq, atMs } = name;
  const series = snapshot.seriesOf({ agent });
  for (const { id } of series) {
    const record = snapshot.index.ofSeries(id).find((one) => one.seq === seq && one.epoch === epoch);
    if (record !== undefined) return record.at < snapshot.horizons[0] ? null : snapshot.storedAt(record);
  }
  const fromMs = Math.max(atMs ?? 0, snapshot.horizons[0]);
  const heads = snapshot.headsWith(series, { fromMs, toMs: atMs === undefined ? ALWAYS : atMs + 1, epoch, seq });
  const unknown = heads.filter(({ seqFrom }) => seqFrom === null).sort((a, b) => b.toMs - a.toMs);
  const known = heads.filter(({ seqFrom }) => seqFrom !== null);
  for (const head of [...known, ...unknown.slice(0, MOST_UNKNOWN)]) {
    const found = findIn(snapshot, head, name);
    if (found !== null) return found.record.at < snapshot.horizons[0] ? null : found;
  }
  return null;
}

function findIn(snapshot: Snapshot, head: BlockHead, { epoch, seq }: ResultName): StoredResult | null {
  return snapshot.inBlock<StoredResult | null>(head, null, (block) => {
    const epochs = block.fixed('epoch');
    const row = block.fixed('seq').findIndex((one, place) => one === seq && epochs[place] === epoch);
    return row < 0 ? null : snapshot.storedIn(head, block, row);
  });
}
