import type { Database } from 'better-sqlite3';
import type { AgentRefusals, RefusedSeries, UnplannedPage } from '../../result-store.ts';
import { isIntactRefused, REFUSED_COLUMNS, type RefusedRow, refusedNote } from '../accept/refusal-table.ts';
import {
  isIntactUnplanned,
  readTotal,
  UNPLANNED_COLUMNS,
  type UnplannedRow,
  unplannedNote,
} from '../accept/unplanned-table.ts';
import { countNote, type DamageNotes } from '../damage/damaged.ts';

/** The database with the counts, and where damage that is found in them is recorded. */
interface Counts {
  readonly intake: Database;
  readonly notes: DamageNotes;
}

/** Refused and unplanned records by agent, or of one agent. Agents without either are left out. */
export function agentRefusals(counts: Counts, agent: number | undefined): readonly AgentRefusals[] {
  const found = new Map<number, AgentRefusals>();
  for (const id of agent === undefined ? unplannedAgents(counts) : [agent]) {
    const total = counts.notes.guard(countNote('unplanned_total', 'its pages'), undefined, () =>
      readTotal(counts.intake, id),
    );
    if (total === undefined) continue;
    const { records, bytes, firstMs, lastMs } = total;
    found.set(id, { agent: id, refused: {}, unplanned: { records, bytes, firstMs, lastMs } });
  }
  for (const { agent: id, reason, count } of refusedRows(counts, agent)) {
    const known = found.get(id) ?? { agent: id, refused: {}, unplanned: null };
    const before = known.refused[reason] ?? 0;
    found.set(id, { ...known, refused: { ...known.refused, [reason]: before + count } });
  }
  return [...found.values()];
}

const unplannedAgents = ({ intake, notes }: Counts): readonly number[] =>
  notes.guard<readonly number[]>(
    countNote('unplanned_total', 'its pages'),
    [],
    () => intake.prepare('SELECT agent FROM unplanned_total').pluck().all() as number[],
  );

type Refused = RefusedRow & { readonly reason: RefusedSeries['reason'] };

/** Intact rows. An agent has some thousand at most: see `refusal-table.ts`. */
function refusedRows({ intake, notes }: Counts, agent: number | undefined): readonly Refused[] {
  const where = agent === undefined ? '' : 'WHERE agent = ?';
  const rows = notes.guard<readonly Refused[]>(
    countNote('refused', 'its pages'),
    [],
    () =>
      intake
        .prepare(`SELECT ${REFUSED_COLUMNS} FROM refused ${where}`)
        .all(...(agent === undefined ? [] : [agent])) as Refused[],
  );
  return rows.filter((row) => {
    const isIntact = isIntactRefused(row);
    if (!isIntact) notes.add(refusedNote(row));
    return isIntact;
  });
}

/** Refused runs of one agent by check, target and reason, most first. */
export function refusedSeries(counts: Counts, agent: number, limit: number): readonly RefusedSeries[] {
  return refusedRows(counts, agent)
    .toSorted((a, b) => b.count - a.count || a.check - b.check || a.target - b.target || (a.reason < b.reason ? -1 : 1))
    .slice(0, limit)
    .map(({ agent: _, crc: __, ...row }) => row);
}

/** Frames of unplanned records of one agent after the id `after`, oldest first. Damaged ones are left out. */
export function unplannedPage({ intake, notes }: Counts, agent: number, after: number, limit: number): UnplannedPage {
  const rows = notes.guard<readonly UnplannedRow[]>(
    countNote('unplanned', 'its pages'),
    [],
    () =>
      intake
        .prepare(`SELECT ${UNPLANNED_COLUMNS} FROM unplanned WHERE agent = ? AND id > ? ORDER BY id LIMIT ?`)
        .all(agent, after, limit) as UnplannedRow[],
  );
  return {
    frames: rows.flatMap((row) => {
      const { epoch, receivedMs, data } = row;
      if (isIntactUnplanned(row))
        return [{ epoch, receivedMs, records: data.split('\n').map((line) => JSON.parse(line) as unknown) }];
      notes.add(unplannedNote(row));
      return [];
    }),
    next: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
  };
}
