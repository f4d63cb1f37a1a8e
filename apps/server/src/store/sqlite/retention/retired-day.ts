import type { DamageNote } from '../damage/damaged.ts';
import { isIntact } from '../damage/row-check.ts';

/** Count of one series' results of one day that retention has deleted. */
export interface RetiredRow {
  readonly series: number;
  /** UTC, since 1970. */
  readonly day: number;
  readonly rows: number;
  readonly repeated: number;
  /** First and last scheduled instant among them, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly crc: number | null;
}

export const RETIRED_COLUMNS = 'series, day, rows, repeated, from_ms AS fromMs, to_ms AS toMs, crc';

export const isIntactRetired = ({ series, day, rows, repeated, fromMs, toMs, crc }: RetiredRow): boolean =>
  isIntact(crc, 'retired', [series, day, rows, repeated, fromMs, toMs]);

/** A damaged count stands for an unknown number of results. */
export const retiredNote = ({ series, day }: RetiredRow): DamageNote => ({
  file: 'results.db',
  table: 'retired',
  what: `series ${series}, day ${day}`,
  results: null,
});
