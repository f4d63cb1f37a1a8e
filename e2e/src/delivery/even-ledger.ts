import type { ApiCall } from './api-client.ts';
import { instantsDue } from './expected-runs.ts';
import { pause } from './ground.ts';

type Counts = Readonly<Record<string, number>>;

/** One row of the server's ledger. */
export interface LedgerRow {
  readonly check: number;
  readonly target: number;
  readonly expected: number;
  readonly stored: number;
  readonly outstanding: number;
  readonly repeated?: number;
  readonly missed: Counts;
  readonly dropped: Counts;
}

interface ResultRow {
  readonly at: string;
  readonly check: number;
  readonly target: number;
  readonly epoch: number;
  readonly seq: number;
  readonly flags?: readonly string[];
}

/** What the suite needs from a test. It knows the interval and the wall times, and uses nothing else from the product. */
export interface LedgerQuestion {
  readonly test: number;
  readonly intervalMs: number;
  readonly series: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The ledger, and what the suite computed itself. */
export interface LedgerFound {
  /** What does not add up, in words. */
  readonly faults: readonly string[];
  readonly stored: number;
  readonly missed: Counts;
  readonly dropped: Counts;
  /** Stored results whose instants were reported before. */
  readonly repeated: number;
}

const sum = (counts: Counts): number => Object.values(counts).reduce((all, count) => all + count, 0);

/**
 * Waits until the agents' backlog has arrived (each row's stored, dropped and missed equal what is due). Then compares
 * every series of a test with what the suite itself expects.
 */
export async function evenLedger(api: ApiCall, question: LedgerQuestion, timeoutMs = 60_000): Promise<LedgerFound> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await compare(api, question);
    if (found.faults.length === 0 || Date.now() > end) return found;
    await pause(500);
  }
}

async function compare(api: ApiCall, question: LedgerQuestion): Promise<LedgerFound> {
  const { test, fromMs, toMs, series } = question;
  const window = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
  const { rows } = await api<{ rows: LedgerRow[] }>(`/ledger?test=${test}&${window}`);
  const results = await api<ResultRow[]>(`/tests/${test}/export.json`);
  const faults = rows.flatMap((row) => faultsOf(row, results, question));
  const names = results.map(({ epoch, seq }) => `${epoch}/${seq}`);
  if (new Set(names).size < names.length) faults.push('a record is stored twice');
  if (rows.length !== series) faults.push(`the ledger has ${rows.length} rows, ${series} series are due`);
  return {
    faults,
    stored: rows.reduce((all, row) => all + row.stored, 0),
    missed: merged(rows.map(({ missed }) => missed)),
    dropped: merged(rows.map(({ dropped }) => dropped)),
    repeated: results.filter(isRepeated).length,
  };
}

function faultsOf(row: LedgerRow, results: readonly ResultRow[], question: LedgerQuestion): string[] {
  const { intervalMs, fromMs, toMs } = question;
  const all = results.filter(({ check, target }) => check === row.check && target === row.target);
  const instants = all.filter((one) => !isRepeated(one)).map(({ at }) => Date.parse(at));
  const phases = new Set(all.map(({ at }) => Date.parse(at) % intervalMs));
  const due = new Set(instantsDue(intervalMs, [...phases][0] ?? 0, fromMs, toMs));
  const stored = instants.filter((at) => due.has(at)).length;
  const reported = row.stored + sum(row.missed) + sum(row.dropped);
  const name = `check ${row.check}, target ${row.target}`;
  const faults: string[] = [];
  if (phases.size !== 1) faults.push(`${name}: ${phases.size} phases`);
  if (new Set(instants).size < instants.length) faults.push(`${name}: an instant is stored twice`);
  if (row.stored !== stored) faults.push(`${name}: ${row.stored} stored by the ledger, ${stored} by the results`);
  const repeats = all.filter((one) => isRepeated(one) && Date.parse(one.at) >= fromMs && Date.parse(one.at) < toMs);
  if ((row.repeated ?? 0) !== repeats.length)
    faults.push(`${name}: ${row.repeated ?? 0} repeated by the ledger, ${repeats.length} by the results`);
  if (reported !== due.size)
    faults.push(`${name}: ${due.size} due, reported ${row.stored} stored, ${text(row.missed)}, ${text(row.dropped)}`);
  if (row.expected !== due.size || row.outstanding !== 0)
    faults.push(`${name}: ${due.size} due, the ledger expects ${row.expected}, ${row.outstanding} outstanding`);
  return faults;
}

const isRepeated = ({ flags }: ResultRow): boolean => flags?.includes('repeated') ?? false;

const text = (counts: Counts): string => JSON.stringify(counts);

function merged(all: readonly Counts[]): Counts {
  const counts: Record<string, number> = {};
  for (const one of all)
    for (const [reason, count] of Object.entries(one)) counts[reason] = (counts[reason] ?? 0) + count;
  return counts;
}
