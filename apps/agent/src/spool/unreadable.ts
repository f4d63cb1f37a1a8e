import type { LostRecord } from './drop-ledger.ts';
import type { SegmentContent } from './segment-reader.ts';
import { lostRecord } from './segments.ts';

/**
 * What a segment should still hold and no longer does, because its files were damaged while the agent ran.
 * @param open stretches of sequence numbers that are not settled.
 */
export function unreadable(
  epoch: number,
  { entries, torn }: Pick<SegmentContent, 'entries' | 'torn'>,
  open: readonly (readonly [number, number])[],
): LostRecord[] {
  const held = new Set(entries.map(({ seq }) => seq));
  const cut = new Map(torn.map((entry) => [entry.seq, entry]));
  const lost: LostRecord[] = [];
  for (const [from, to] of open)
    for (let seq = from; seq <= to; seq++) {
      const entry = cut.get(seq);
      if (entry !== undefined) lost.push(lostRecord(epoch, entry, 'torn', true));
      else if (!held.has(seq)) lost.push({ epoch, seq, reason: 'corrupt', owner: null, uncertain: true });
    }
  return lost;
}
