import { notHeardAfter } from '@netsonde/protocol/api';
import { dutyEnded, type PlannedCheck, type PlannedTest } from '../planning/model.ts';
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

/** The store queries for the verdicts of a test's series, as of now or of its end. */
export function verdictQuestions(
  parts: Pick<ApiParts, 'catalog' | 'auth'>,
  test: PlannedTest,
  assigned: ReadonlySet<number>,
  clocks: Clocks,
): readonly VerdictQuestion[] {
  const nowMs = parts.auth.now();
  const endedMs = dutyEnded(test, nowMs);
  const shared = {
    atMs: endedMs ?? nowMs,
    agents: endedMs === null ? [...assigned] : null,
    targets: test.targets.map(({ id }) => id),
    clockOffsets: clocks,
  };
  return test.checks.map((check) => ({
    check: check.id,
    notHeardAfterMs: checkNotHeardAfter(parts, test, check),
    ...shared,
  }));
}
