import { isDatedAhead, isHeard } from '@netsonde/protocol/api';
import type {
  SeriesCounts,
  SeriesPage,
  SeriesState,
  SeriesStates,
  SeriesVerdict,
  VerdictQuestion,
} from '../../result-store.ts';
import { isMeasuredAfter } from '../codec/measured-order.ts';
import { verdictOf } from '../codec/row.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import { type Newest, newestOf } from './latest.ts';
import { newestInBlocks } from './newest-folded.ts';
import type { Snapshot } from './snapshot.ts';
import { verdictSince } from './verdict-since.ts';

/** The state of a series before its results are read. */
interface Judged extends Pick<SeriesState, 'agent' | 'check' | 'target' | 'verdict' | 'dueMs' | 'newestMs'> {
  /** When it became unknown or due, epoch ms. null: the verdict is that of its newest result, or that is dated ahead. */
  readonly sinceMs: number | null;
  /** The present by its agent's clock, epoch ms, if its newest result is dated later. */
  readonly aheadOfMs: number | null;
  readonly measured: { readonly series: SeriesRow; readonly newest: Newest } | null;
}

const ORDER: readonly SeriesVerdict[] = ['down', 'degraded', 'unknown', 'waiting', 'up'];

export function verdictCounts(snapshot: Snapshot, questions: readonly VerdictQuestion[]): SeriesCounts {
  const counts = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 };
  for (const question of questions) for (const { verdict } of judge(snapshot, question)) counts[verdict] += 1;
  return counts;
}

export function seriesStates(
  snapshot: Snapshot,
  questions: readonly VerdictQuestion[],
  { verdict, after, limit }: SeriesPage,
): SeriesStates {
  const all = questions.flatMap((question) => [...judge(snapshot, question)]);
  const counts = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 };
  for (const one of all) counts[one.verdict] += 1;
  const wanted = verdict === null ? all : all.filter((one) => one.verdict === verdict);
  const page = wanted.sort(inOrder).slice(after, after + limit);
  const end = after + page.length;
  return { counts, series: page.map((one) => stateOf(snapshot, one)), next: end < wanted.length ? end : null };
}

const inOrder = (a: Judged, b: Judged): number =>
  ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || a.check - b.check || a.agent - b.agent || a.target - b.target;

/** The series of one question: those with results that are due or heard, then those that are due without a result. */
function* judge(snapshot: Snapshot, question: VerdictQuestion): Generator<Judged> {
  const { check, agent, target, atMs, notHeardAfterMs, clockOffsets } = question;
  const due = dueOf(question);
  const offsetOf = (one: number) => clockOffsets.get(one) ?? 0;
  /** When a series became due by its agent's clock: one that is ahead has not been due since before it knew of it. */
  const dueByAgent = (dueMs: number, one: number) => dueMs + Math.max(0, offsetOf(one));
  const silentSince = (lastMs: number, dueMs: number, one: number): Pick<Judged, 'verdict' | 'sinceMs'> =>
    isHeard(lastMs, notHeardAfterMs, atMs + offsetOf(one))
      ? { verdict: 'waiting', sinceMs: dueMs }
      : { verdict: 'unknown', sinceMs: lastMs + notHeardAfterMs - offsetOf(one) };
  const filter = {
    checks: [check],
    ...(agent === undefined ? {} : { agent }),
    ...(target === undefined ? {} : { target }),
  };
  for (const [series, newest] of newestOf(snapshot, snapshot.seriesOf(filter))) {
    const { at, verdict } = 'recent' in newest ? newest.recent : newest.folded;
    const dueMs = due?.get(keyOf(series)) ?? null;
    due?.delete(keyOf(series));
    const measured = { series, newest };
    const nowMs = atMs + offsetOf(series.agent);
    const isAhead = isDatedAhead(at, nowMs);
    if (isAhead && due !== null && dueMs === null) continue;
    const aheadOfMs = isAhead ? nowMs : null;
    const known = { agent: series.agent, check, target: series.target, dueMs, newestMs: at, measured, aheadOfMs };
    if (isAhead) yield { ...known, verdict: 'unknown', sinceMs: null };
    else if (isHeard(at, notHeardAfterMs, nowMs)) yield { ...known, verdict: verdictOf(verdict), sinceMs: null };
    else if (due === null || dueMs !== null)
      yield {
        ...known,
        ...silentSince(dueMs === null ? at : Math.max(at, dueByAgent(dueMs, series.agent)), dueMs ?? at, series.agent),
      };
  }
  for (const [key, dueMs] of due ?? []) {
    const [of, to] = [Math.floor(key / TARGETS), key % TARGETS];
    const known = { agent: of, check, target: to, dueMs, newestMs: null, measured: null, aheadOfMs: null };
    yield { ...known, ...silentSince(dueByAgent(dueMs, of), dueMs, of) };
  }
}

/** Above each id of a target. Ids are row numbers. */
const TARGETS = 2 ** 26;

const keyOf = ({ agent, target }: Pick<SeriesRow, 'agent' | 'target'>): number => agent * TARGETS + target;

/** Since when each due series is due, epoch ms, by agent and target. */
function dueOf({ due, agent, target, atMs }: VerdictQuestion): Map<number, number> | null {
  if (due === null) return null;
  const found = new Map<number, number>();
  for (let place = 0; place < due.length; place += 4) {
    const one = { agent: due[place] ?? 0, target: due[place + 1] ?? 0 };
    if ((due[place + 3] ?? 0) <= atMs) continue;
    if ((agent ?? one.agent) === one.agent && (target ?? one.target) === one.target)
      found.set(keyOf(one), due[place + 2] ?? 0);
  }
  return found;
}

function stateOf(snapshot: Snapshot, { sinceMs, measured, aheadOfMs, ...known }: Judged): SeriesState {
  const state = { ...known, datedAhead: aheadOfMs !== null };
  if (measured === null || sinceMs !== null) return { ...state, sinceMs: sinceMs ?? 0, orBefore: false, result: null };
  const { series, newest } = measured;
  if (aheadOfMs !== null) {
    const lastMs = lastUntil(snapshot, series, aheadOfMs);
    return { ...state, sinceMs: lastMs ?? known.dueMs ?? aheadOfMs, orBefore: lastMs === null, result: null };
  }
  const row = 'recent' in newest ? snapshot.row(newest.recent) : newest.folded.read();
  const result = row === null ? null : snapshot.stored(series.id, row);
  return { ...state, ...verdictSince(snapshot, series, newest), result };
}

/** Instant of the result that was measured last of those dated until now, epoch ms. null: there is none. */
function lastUntil(snapshot: Snapshot, series: SeriesRow, nowMs: number): number | null {
  const [first, ...others] = snapshot.recent(series.id, snapshot.horizons[0], nowMs + 1);
  const inLog = others.reduce((last, one) => (last !== undefined && isMeasuredAfter(last, one) ? last : one), first);
  const folded = newestInBlocks(snapshot, series, nowMs);
  if (folded === undefined) return inLog?.at ?? null;
  return inLog !== undefined && isMeasuredAfter(inLog, folded) ? inLog.at : folded.at;
}
