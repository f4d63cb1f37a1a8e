import type { Database } from 'better-sqlite3';
import { SeqRanges } from './seq-ranges.ts';
import { eachStored } from './stored-sequences.ts';

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
  eachStored(intake, results, new Set(names.keys()), (result) => {
    const name = names.get(result.series);
    if (name !== undefined && !result.repeated && result.epoch === epoch && ranges.has(result.seq))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return counts;
}
