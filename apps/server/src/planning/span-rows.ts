import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely, Selectable } from 'kysely';
import type { Span, SpanChanges } from '../plan/span.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import { groupBy } from './group-by.ts';
import { chunks } from './write-test.ts';

type Db = Kysely<ConfigSchema>;

const toSpan = (row: Selectable<ConfigSchema['assignment_span']>): Span => ({
  id: row.id,
  agent: row.agent_id,
  check: row.check_id,
  target: row.target_id,
  intervalMs: row.interval_ms,
  fromMs: row.from_ms,
  toMs: row.to_ms,
});

/** Spans that overlap the window [fromMs, toMs). */
export async function spansWithin(
  db: Db,
  {
    fromMs,
    toMs,
    agent,
    checks,
  }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly agent?: number | undefined;
    readonly checks?: readonly number[] | undefined;
  },
): Promise<readonly Span[]> {
  let query = db
    .selectFrom('assignment_span')
    .selectAll()
    .where('from_ms', '<', toMs)
    .where((where) => where.or([where('to_ms', 'is', null), where('to_ms', '>', fromMs)]));
  if (agent !== undefined) query = query.where('agent_id', '=', agent);
  if (checks !== undefined) query = query.where('check_id', 'in', checks.length === 0 ? [0] : [...checks]);
  return (await query.execute()).map(toSpan);
}

/** Rows that one step of loading reads. */
const PAGE_IDS = 2000;

/** Spans that are due now or later, in pages. The event loop handles other events between two pages. */
export async function* loadDueSpans(db: Db, nowMs: number): AsyncGenerator<readonly Span[]> {
  const { last } = await db
    .selectFrom('assignment_span')
    .select((span) => span.fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  for (let from = 0; from <= (last ?? -1); from += PAGE_IDS) {
    const rows = await db
      .selectFrom('assignment_span')
      .selectAll()
      .where('id', '>', from)
      .where('id', '<=', from + PAGE_IDS)
      .where((where) => where.or([where('to_ms', 'is', null), where('to_ms', '>', nowMs)]))
      .execute();
    yield rows.map(toSpan);
    await nextTurn();
  }
}

/** Writes changes to the database and returns the added spans with their row ids. Call it inside a transaction. */
export async function writeSpans(
  db: Db,
  { added, ended, closed }: SpanChanges,
  nowMs: number,
): Promise<readonly Span[]> {
  await closeSpans(db, closed, nowMs);
  for (const [toMs, spans] of groupBy(ended, ({ toMs }) => toMs))
    for (const chunk of chunks(spans))
      await db.updateTable('assignment_span').set({ to_ms: toMs }).where('id', 'in', idsOf(chunk)).execute();
  const stored: Span[] = [];
  for (const chunk of chunks(added)) {
    const rows = await db.insertInto('assignment_span').values(chunk.map(toRow)).returningAll().execute();
    stored.push(...rows.map(toSpan));
  }
  return stored;
}

/** Deletes spans that have not begun. Ends the others now, unless they have ended already. */
async function closeSpans(db: Db, closed: readonly Span[], nowMs: number): Promise<void> {
  const over = closed.filter(({ fromMs, toMs }) => fromMs < nowMs && (toMs === null || toMs > nowMs));
  for (const chunk of chunks(closed.filter(({ fromMs }) => fromMs >= nowMs)))
    await db.deleteFrom('assignment_span').where('id', 'in', idsOf(chunk)).execute();
  for (const chunk of chunks(over))
    await db.updateTable('assignment_span').set({ to_ms: nowMs }).where('id', 'in', idsOf(chunk)).execute();
}

const idsOf = (spans: readonly Span[]): number[] => spans.flatMap(({ id }) => (id === null ? [] : [id]));

const toRow = ({ agent, check, target, intervalMs, fromMs, toMs }: Span) => ({
  agent_id: agent,
  check_id: check,
  target_id: target,
  interval_ms: intervalMs,
  from_ms: fromMs,
  to_ms: toMs,
});
