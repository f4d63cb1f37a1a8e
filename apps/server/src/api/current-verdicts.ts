import { notHeardAfter } from '@netsonde/protocol/api';
import { listDueSpans } from '../plan/due-series.ts';
import { groupBy } from '../planning/group-by.ts';
import { dutyEnded, type PlannedCheck, type PlannedTest } from '../planning/model.ts';
import { spansWithin } from '../planning/span-rows.ts';
import type { VerdictQuestion } from '../store/result-store.ts';
import type { ApiParts } from './parts.ts';

/** Largest clock offset that changes no verdict, ms. */
const NEGLIGIBLE_OFFSET_MS = 1000;

type Clocks = ReadonlyMap<number, number>;

/** Clock offsets of agents to the server, ms, by agent. Offsets within a second are left out. */
export async function clockOffsets({ db }: Pick<ApiParts['auth'], 'db'>): Promise<Clocks> {
  const rows = await db
    .selectFrom('agent')
    .select(['id', 'clock_offset_ms'])
    .where((is) =>
      is.or([is('clock_offset_ms', '>', NEGLIGIBLE_OFFSET_MS), is('clock_offset_ms', '<', -NEGLIGIBLE_OFFSET_MS)]),
    )
    .execute();
  return new Map(rows.map((row) => [row.id, row.clock_offset_ms ?? 0]));
}

/** Age from which a result no longer determines its series' verdict, ms, if both clocks agree. */
export function checkNotHeardAfter(
  { catalog }: Pick<ApiParts, 'catalog'>,
  test: PlannedTest,
  { probe, options, intervalMs, fault }: PlannedCheck,
): number {
  const longestRunMs = fault === null ? (catalog[probe]?.cost(options).seconds ?? 0) * 1000 : 0;
  return notHeardAfter(intervalMs ?? test.intervalMs, longestRunMs);
}

type QuestionParts = Pick<ApiParts, 'auth' | 'catalog' | 'planner'>;

/** The store queries for the verdicts of a test's planned series, as of now or of its end. */
export async function verdictQuestions(
  parts: QuestionParts,
  test: PlannedTest,
  clocks: Clocks,
): Promise<readonly VerdictQuestion[]> {
  const nowMs = parts.auth.now();
  const endedMs = dutyEnded(test, nowMs);
  const atMs = endedMs ?? nowMs;
  const atEnd = endedMs === null ? null : await dueAtEnd(parts, test, endedMs);
  return test.checks.map((check) => ({
    check: check.id,
    atMs,
    notHeardAfterMs: checkNotHeardAfter(parts, test, check),
    due: atEnd === null ? parts.planner.dueSeries(check.id) : (atEnd.get(check.id) ?? new Float64Array()),
    clockOffsets: clocks,
  }));
}

/** The due series by check: see `VerdictQuestion`. */
type DueSeries = ReadonlyMap<number, Float64Array>;

/** What was due at the end of a test never changes, and planning makes a new object of a test that is changed. */
const atEnds = new WeakMap<PlannedTest, Promise<DueSeries>>();

function dueAtEnd(parts: QuestionParts, test: PlannedTest, endMs: number): Promise<DueSeries> {
  const known = atEnds.get(test);
  if (known !== undefined) return known;
  const found = readDueAt(parts, test, endMs);
  atEnds.set(test, found);
  found.catch(() => atEnds.delete(test));
  return found;
}

async function readDueAt({ auth }: QuestionParts, test: PlannedTest, endMs: number): Promise<DueSeries> {
  const checks = test.checks.map(({ id }) => id);
  const spans = await spansWithin(auth.db, { fromMs: endMs - 1, toMs: endMs, checks });
  return new Map(
    // They are judged as of the end of the test, and all of them were due until then.
    [...groupBy(spans, ({ check }) => check)].map(([check, due]) => [
      check,
      listDueSpans(due.map((span) => ({ ...span, toMs: null }))),
    ]),
  );
}
