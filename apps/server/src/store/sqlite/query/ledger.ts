import type { LedgerCounts, ResultStore } from '../../result-store.ts';
import { DUE_COLUMNS, dueNote, isIntactDue, type RefusedDueRow } from '../accept/refusal-table.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import { countNote } from '../damage/damaged.ts';
import { isIntact } from '../damage/row-check.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import { rowsWithin } from './grid.ts';
import { runsWithin } from './runs-within.ts';
import type { Snapshot } from './snapshot.ts';

export type LedgerFilter = Parameters<ResultStore['ledger']>[0];

interface Loss {
  readonly kind: 'missed' | 'dropped' | 'refused';
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly reason: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

interface Counts {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  stored: number;
  retired: number;
  repeated: number;
  readonly dropped: Record<string, number>;
  readonly missed: Record<string, number>;
  readonly refused: Record<string, number>;
}

/**
 * Counts the outcomes of runs with scheduled instants in [fromMs, toMs), per (agent, check, target). A run that repeats
 * an instant does not count among them, since another run covers it, but apart from them.
 */
export function ledger(snapshot: Snapshot, filter: LedgerFilter): readonly LedgerCounts[] {
  const counts = new Map<string, Counts>();
  const of = ({ agent, check, target }: Pick<Counts, 'agent' | 'check' | 'target'>): Counts => {
    const key = `${agent}/${check}/${target}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    const added: Counts = {
      agent,
      check,
      target,
      stored: 0,
      retired: 0,
      repeated: 0,
      dropped: {},
      missed: {},
      refused: {},
    };
    counts.set(key, added);
    return added;
  };
  const count: Count = (series, { stored, retired, repeated }) => {
    if (stored + repeated === 0) return;
    const to = of(snapshot.key(series));
    to.stored += stored;
    to.retired += retired;
    to.repeated += repeated;
  };
  countStored(snapshot, filter, count);
  countRetired(snapshot, filter, count);
  for (const loss of losses(snapshot, filter)) {
    const lost = runsWithin(loss, filter.fromMs, filter.toMs);
    if (lost === 0) continue;
    const by = of(loss)[loss.kind];
    by[loss.reason] = (by[loss.reason] ?? 0) + lost;
  }
  return [...counts.values()]
    .sort((a, b) => a.check - b.check || a.agent - b.agent || a.target - b.target)
    .map(({ retired, repeated, ...count }) => ({
      ...count,
      ...(retired === 0 ? {} : { retired }),
      ...(repeated === 0 ? {} : { repeated }),
    }));
}

const seriesOf = (snapshot: Snapshot, { agent, checks, target }: LedgerFilter): readonly SeriesRow[] =>
  snapshot.seriesOf({
    ...(agent === undefined ? {} : { agent }),
    ...(checks === undefined ? {} : { checks }),
    ...(target === undefined ? {} : { target }),
  });

type Count = (series: number, runs: { stored: number; retired: number; repeated: number }) => void;

/** Counts deleted blocks by their stored daily counts. At a window's ends, a day's runs are assumed evenly spaced. */
function countRetired(snapshot: Snapshot, filter: LedgerFilter, count: Count): void {
  const { fromMs, toMs } = filter;
  if (snapshot.deletedThroughMs <= fromMs) return;
  for (const { series, rows, repeated, ...span } of snapshot.retired(seriesOf(snapshot, filter), fromMs, toMs)) {
    const gone = runsWithin({ ...span, count: rows - repeated }, fromMs, toMs);
    count(series, { stored: gone, retired: gone, repeated: runsWithin({ ...span, count: repeated }, fromMs, toMs) });
  }
}

/** Counts blocks and the log. Results before the horizon count as expired even if they are not deleted yet. */
function countStored(snapshot: Snapshot, filter: LedgerFilter, count: Count): void {
  const { fromMs, toMs } = filter;
  const horizonMs = snapshot.horizons[0];
  const series = seriesOf(snapshot, filter);
  for (const head of snapshot.heads(series, fromMs, toMs)) {
    const repeated = repeatedWithin(snapshot, head, fromMs, toMs);
    const stored = rowsWithin(snapshot, head, fromMs, toMs) - repeated;
    count(head.series, { stored, retired: head.toMs < horizonMs ? stored : 0, repeated });
  }
  for (const { id } of series) {
    const recent = snapshot.recent(id, fromMs, toMs);
    const stored = recent.filter(({ repeated }) => !repeated);
    const retired = stored.filter(({ at }) => at < horizonMs).length;
    count(id, { stored: stored.length, retired, repeated: recent.length - stored.length });
  }
}

/** Repeated runs of a block in the window. The block is opened only if it extends past an end of the window. */
function repeatedWithin(snapshot: Snapshot, head: BlockHead, fromMs: number, toMs: number): number {
  const { fromMs: first, toMs: last, repeated } = head;
  if (repeated === 0 || (first >= fromMs && last < toMs)) return repeated;
  return snapshot.inBlock(
    head,
    runsWithin({ fromMs: first, toMs: last, count: repeated }, fromMs, toMs),
    (opened) => opened.at.filter((at, row) => at >= fromMs && at < toMs && opened.isRepeated(row)).length,
  );
}

type StoredLoss = Loss & { readonly id: number; readonly crc: number | null };

/** A damaged row does not count: its runs are outstanding again. */
function isIntactLoss(snapshot: Snapshot, loss: StoredLoss): boolean {
  const isWhole = isIntactRow(loss);
  if (!isWhole) snapshot.notes.add({ file: 'intake.db', table: 'loss', what: `row ${loss.id}`, results: 0 });
  return isWhole;
}

const isIntactRow = ({ kind, agent, check, target, reason, fromMs, toMs, count, crc }: StoredLoss): boolean =>
  isIntact(crc, 'loss', [agent, check, target, fromMs, toMs, count], kind, reason);

const refusedLosses = ({ notes }: Snapshot, rows: readonly RefusedDueRow[]): readonly Loss[] =>
  rows.flatMap((row) => {
    if (isIntactDue(row)) return [{ kind: 'refused' as const, ...row }];
    notes.add(dueNote(row));
    return [];
  });

const LOST = `agent, check_id AS "check", target, reason, from_ms AS fromMs, to_ms AS toMs, count`;
const FEW_CHECKS = 100;
const IN_WINDOW = 'WHERE to_ms >= ? AND from_ms < ?';

function losses(snapshot: Snapshot, { agent, checks, target, fromMs, toMs }: LedgerFilter): readonly Loss[] {
  const db = snapshot.intake;
  // Of few checks, the index by check is read: a list of tests asks for each test's.
  const areFew = checks !== undefined && checks.length <= FEW_CHECKS;
  const where = [
    IN_WINDOW,
    ...(agent === undefined ? [] : ['AND agent = ?']),
    ...(target === undefined ? [] : ['AND target = ?']),
    ...(areFew ? ['AND check_id IN (SELECT value FROM json_each(?))'] : []),
  ].join(' ');
  const values = [
    fromMs,
    toMs,
    ...(agent === undefined ? [] : [agent]),
    ...(target === undefined ? [] : [target]),
    ...(areFew ? [JSON.stringify(checks)] : []),
  ];
  const rowsOf = <Row>(table: string, columns: string): readonly Row[] =>
    snapshot.notes.guard<readonly Row[]>(
      countNote(table, 'its pages'),
      [],
      () => db.prepare(`SELECT ${columns} FROM ${table} ${where}`).all(...values) as Row[],
    );
  const found = rowsOf<StoredLoss>('loss', `id, kind, crc, ${LOST}`);
  const refused = rowsOf<RefusedDueRow>('refused_due', DUE_COLUMNS);
  const intact = [...found.filter((loss) => isIntactLoss(snapshot, loss)), ...refusedLosses(snapshot, refused)];
  if (checks === undefined) return intact;
  const wanted = new Set(checks);
  return intact.filter(({ check }) => wanted.has(check));
}
