import type { Verdict } from '@netsonde/probes/catalog';
import { VERDICT_WORDS } from '../components/verdict-words.ts';
import { type VerdictHistory, verdictStretches } from './strip-buckets.ts';
import classes from './verdict-strip.module.css';

interface Props {
  readonly history: VerdictHistory;
  readonly fromMs: number;
  readonly toMs: number;
  /** Epoch ms since when the series is not heard; null: it is heard. */
  readonly notHeardSinceMs: number | null;
}

const SLOTS = 90;
/** The worse, the taller; unknown is an outline. */
const HEIGHT: Readonly<Record<Verdict, number>> = { up: 8, degraded: 14, down: 20, unknown: 8 };

/** The verdicts of one line over a window: the worst of each part of it. */
export function VerdictStrip({ history, fromMs, toMs, notHeardSinceMs }: Props) {
  const shown = history.verdict.filter((_, place) => (history.at[place] ?? 0) >= fromMs);
  return (
    <svg className={classes.strip} viewBox={`0 0 ${SLOTS} 20`} preserveAspectRatio="none" role="img">
      <title>
        {[inWords(shown), notHeardSinceMs === null ? '' : 'not heard from since'].filter(Boolean).join(', ')}
      </title>
      <rect x="0" y="19" width={SLOTS} height="1" className={classes.ground} />
      {verdictStretches(history, fromMs, toMs, SLOTS, notHeardSinceMs).map((stretch) => (
        <rect
          key={stretch.from}
          data-verdict={stretch.verdict}
          x={stretch.from}
          y={20 - HEIGHT[stretch.verdict]}
          width={stretch.slots}
          height={HEIGHT[stretch.verdict]}
        />
      ))}
    </svg>
  );
}

function inWords(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return 'No results';
  const counts = new Map<Verdict, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${VERDICT_WORDS[verdict].toLowerCase()}`).join(', ');
}
