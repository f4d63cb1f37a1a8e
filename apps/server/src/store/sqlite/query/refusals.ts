import type { RefusedReason } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import type { AgentRefusals, RefusedSeries, UnplannedPage } from '../../result-store.ts';

/** Refused and unplanned records by agent, or of one agent. Agents without either are left out. */
export function agentRefusals(intake: Database, agent: number | undefined): readonly AgentRefusals[] {
  const where = agent === undefined ? '' : 'WHERE agent = ?';
  const values = agent === undefined ? [] : [agent];
  const refused = intake
    .prepare(`SELECT agent, reason, sum(count) AS count FROM refused ${where} GROUP BY agent, reason`)
    .all(...values) as { agent: number; reason: RefusedReason; count: number }[];
  const unplanned = intake
    .prepare(`SELECT agent, records, bytes, first_ms AS firstMs, last_ms AS lastMs FROM unplanned_total ${where}`)
    .all(...values) as ({ agent: number } & NonNullable<AgentRefusals['unplanned']>)[];
  const found = new Map<number, AgentRefusals>();
  for (const { agent: id, ...total } of unplanned) found.set(id, { agent: id, refused: {}, unplanned: total });
  for (const { agent: id, reason, count } of refused) {
    const known = found.get(id) ?? { agent: id, refused: {}, unplanned: null };
    found.set(id, { ...known, refused: { ...known.refused, [reason]: count } });
  }
  return [...found.values()];
}

/** Refused runs of one agent by check, target and reason, most first. */
export function refusedSeries(intake: Database, agent: number, limit: number): readonly RefusedSeries[] {
  return intake
    .prepare(
      `SELECT check_id AS "check", target, reason, count, first_ms AS firstMs, last_ms AS lastMs
       FROM refused WHERE agent = ? ORDER BY count DESC, check_id, target, reason LIMIT ?`,
    )
    .all(agent, limit) as RefusedSeries[];
}

/** Frames of unplanned records of one agent after the id `after`, oldest first. */
export function unplannedPage(intake: Database, agent: number, after: number, limit: number): UnplannedPage {
  const rows = intake
    .prepare(
      'SELECT id, epoch, received_ms AS receivedMs, data FROM unplanned WHERE agent = ? AND id > ? ORDER BY id LIMIT ?',
    )
    .all(agent, after, limit) as { id: number; epoch: number; receivedMs: number; data: string }[];
  return {
    frames: rows.map(({ id: _, data, ...row }) => ({
      ...row,
      records: data.split('\n').map((line) => JSON.parse(line) as unknown),
    })),
    next: rows.length < limit ? null : (rows.at(-1)?.id ?? null),
  };
}
