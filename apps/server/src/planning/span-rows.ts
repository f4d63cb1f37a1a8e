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

/** A window of time, and whose spans of it. */
interface SpanFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly agent?: number | undefined;
  readonly checks?: readonly number[] | undefined;
}

/** Spans that overlap the window [fromMs, toMs). Those of checks and of the whole plan are read in pages. */
export async function spansWithin(db: Db, filter: SpanFilter): Promise<readonly Span[]> {
  const { agent, checks } = filter;
  if (agent === undefined && checks === undefined) return allSpansWithin(db, filter);
  const within = db
    .selectFrom('assignment_span')
    .selectAll()
    .where('from_ms', '<', filter.toMs)
    .where((where) => where.or([where('to_ms', 'is', null), where('to_ms', '>', filter.fromMs)]))
    .$if(agent !== undefined, (query) => query.where('agent_id', '=', agent ?? 0));
  if (checks === undefined) return (await within.execute()).map(toSpan);
  const found: Span[] = [];
  for (const check of checks) {
    const page = within.where('check_id', '=', check).orderBy('target_id').orderBy('id').limit(PAGE_ROWS);
    for (let [target, last] = [0, 0]; ; ) {
      const rows = await page
        .where('target_id', '>=', target)
        .where((is) => is.or([is('target_id', '>', target), is('id', '>', last)]))
        .execute();
      for (const row of rows) found.push(toSpan(row));
      const end = rows.at(-1);
      if (end === undefined || rows.length < PAGE_ROWS) break;
      [target, last] = [end.target_id, end.id];
      await nextTurn();
    }
  }
  return found;
}

/** A span that ends between two pages is read twice: by id, the later page counts. */
async function allSpansWithin(db: Db, { fromMs, toMs }: SpanFilter): Promise<readonly Span[]> {
  const found = new Map<number | null, Span>();
  for await (const spans of spansAfter(db, fromMs))
    for (const span of spans) if (span.fromMs < toMs) found.set(span.id, span);
  return [...found.values()].sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
}

/** Rows that one page has. */
const PAGE_ROWS = 2000;

/** Spans that end after an instant or are open, in pages. The event loop handles other events between two pages. */
export async function* spansAfter(db: Db, ms: number): AsyncGenerator<readonly Span[]> {
  const page = db.selectFrom('assignment_span').selectAll().limit(PAGE_ROWS);
  for (let last = 0; ; ) {
    const rows = await page.where('to_ms', 'is', null).where('id', '>', last).orderBy('id').execute();
    if (rows.length > 0) yield rows.map(toSpan);
    if (rows.length < PAGE_ROWS) break;
    last = rows.at(-1)?.id ?? 0;
    await nextTurn();
  }
  for (let [endMs, last] = [ms, Number.MAX_SAFE_INTEGER]; ; ) {
    const rows = await page
      .where((is) => is.or([is('to_ms', '>', endMs), is.and([is('to_ms', '=', endMs), is('id', '>', last)])]))
      .orderBy('to_ms')
      .orderBy('id')
      .execute();
    if (rows.length > 0) yield rows.map(toSpan);
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE_ROWS) return;
    [endMs, last] = [end.to_ms ?? ms, end.id];
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
