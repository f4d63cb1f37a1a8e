import type { Verdict } from '@netsonde/probes/catalog';
import type { RunRecord } from '@netsonde/protocol';
import { isMeasuredAfter } from './measured-order.ts';

/** A result as the files store it. Its detail is stored separately and referenced by number. */
export interface Row {
  readonly epoch: number;
  /** Without `detail`. */
  readonly record: RunRecord;
  /** Number of the detail. 0: none. */
  readonly detail: number;
}

/** The row of one series that its agent measured last. undefined: there are none. */
export function lastMeasured(rows: readonly Row[]): Row | undefined {
  let last: Row | undefined;
  for (const row of rows) if (last === undefined || isMeasuredAfter(placeOf(row), placeOf(last))) last = row;
  return last;
}

const placeOf = ({ epoch, record }: Row) => ({ epoch, seq: record.seq });

/** Verdicts by their code in the files. Never reorder them. */
const VERDICT_CODES: readonly Verdict[] = ['up', 'degraded', 'down', 'unknown'];
export const verdictCode = (verdict: Verdict): number => VERDICT_CODES.indexOf(verdict);
export const verdictOf = (code: number): Verdict => VERDICT_CODES[code] ?? 'unknown';

/** Whether this run repeats an instant after the wall clock was set back. The ledger does not count it. */
export const isRepeated = ({ flags }: RunRecord): boolean => flags?.includes('repeated') ?? false;

/** A record under construction from stored parts. */
export type Draft = { -readonly [Key in keyof RunRecord]: RunRecord[Key] };
export type Metrics = RunRecord['metrics'];
export type Absent = RunRecord['absent'];
export type Samples = NonNullable<RunRecord['samples']>;
export type Instances = NonNullable<RunRecord['instances']>;
