import type { SeriesLevel, SeriesPoints } from '@netsonde/protocol/api';
import { fullTime, spanWords } from '../components/time-words.ts';

/** The source of an answer's points, and what is missing. */
export interface SeriesOrigin extends Pick<SeriesPoints, 'level' | 'retiredBeforeMs' | 'capped'> {
  /** Levels of single lines that replace the answer's level. */
  readonly coarser: readonly SeriesLevel[];
}

export const originOf = ({ level, retiredBeforeMs, capped, lines }: SeriesPoints): SeriesOrigin => ({
  level,
  retiredBeforeMs,
  capped,
  coarser: [...new Set(lines.flatMap((line) => line.level ?? []))],
});

interface Footed {
  /** Width of the widest bucket, ms; null: each point is a stored result. */
  readonly bucketMs: number | null;
  readonly origins: readonly SeriesOrigin[];
  readonly lines: readonly unknown[];
}

/** One note below a chart: what its points are, what was deleted, what is left out and where to find it. */
export function chartFootnote({ bucketMs, origins, lines }: Footed, shown: number, elsewhere: string): string {
  return [
    pointWords(bucketMs, origins),
    retiredWords(origins),
    ...cappedWords(origins),
    lines.length > shown ? `${shown} of ${lines.length} lines shown: ${elsewhere}` : '',
  ]
    .filter(Boolean)
    .join('; ');
}

/** From the finest on. Results themselves have no width. */
const LEVELS: readonly SeriesLevel[] = ['raw', '5min', '1h', '1d'];
const LEVEL_WORDS: Readonly<Record<SeriesLevel, string>> = {
  raw: 'the results',
  '5min': 'averages of 5 minutes',
  '1h': 'averages of an hour',
  '1d': 'averages of a day',
};

function pointWords(bucketMs: number | null, origins: readonly SeriesOrigin[]): string {
  if (bucketMs === null) return 'Each point is one result';
  const level = coarsest(origins.map((origin) => origin.level));
  const standIn = coarsest(origins.flatMap(({ coarser }) => coarser));
  const source = level === 'raw' ? '' : `, from ${LEVEL_WORDS[level]}`;
  const also = LEVELS.indexOf(standIn) > LEVELS.indexOf(level) ? `; in part from ${LEVEL_WORDS[standIn]}` : '';
  return `Each point is the mean of ${spanWords(bucketMs)}${source}${also}`;
}

const coarsest = (levels: readonly SeriesLevel[]): SeriesLevel =>
  LEVELS.findLast((level) => levels.includes(level)) ?? 'raw';

function retiredWords(origins: readonly SeriesOrigin[]): string {
  const before = Math.max(0, ...origins.map(({ retiredBeforeMs }) => retiredBeforeMs ?? 0));
  return before === 0 ? '' : `what was before ${fullTime(before)} is deleted by retention`;
}

/** Lines that the server left out, and lines of fewer points than were asked for. */
function cappedWords(origins: readonly SeriesOrigin[]): readonly string[] {
  const capped = origins.flatMap((origin) => origin.capped ?? []);
  if (capped.length === 0) return [];
  const series = capped.reduce((sum, cut) => sum + cut.series, 0);
  const lines = capped.reduce((sum, cut) => sum + cut.lines, 0);
  return lines < series
    ? [`${lines} of ${series} series shown: choose an agent or a target for the others`]
    : ['fewer points than there is room for, since there are many lines: choose an agent or a target for more'];
}
