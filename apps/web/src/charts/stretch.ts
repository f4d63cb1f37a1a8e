import { fullTime, spanWords } from '../components/time-words.ts';

/** A stretch of time that a page shows. */
export interface TimeWindow {
  readonly lengthMs: number;
  /** Its end, epoch ms; null: now. */
  readonly endMs: number | null;
}

export const endOf = ({ endMs }: TimeWindow, now: number): number => endMs ?? now;
export const startOf = (stretch: TimeWindow, now: number): number => endOf(stretch, now) - stretch.lengthMs;

/** As in "Mean over ...": "the last 15 min", "15 min up to 21 Nov 2026, 15:04:05". */
export const stretchWords = ({ lengthMs, endMs }: TimeWindow): string =>
  endMs === null ? `the last ${spanWords(lengthMs)}` : `${spanWords(lengthMs)} up to ${fullTime(endMs)}`;
