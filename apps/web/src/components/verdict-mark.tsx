import type { SeriesVerdict } from '@netsonde/protocol/api';
import classes from './verdict-mark.module.css';
import { VerdictShape } from './verdict-shape.tsx';
import { SERIES_VERDICT_WORDS } from './verdict-words.ts';

/** A verdict as a shape and a word. */
export function VerdictMark({ verdict }: { readonly verdict: SeriesVerdict }) {
  return (
    <span className={classes.mark} data-verdict={verdict}>
      <VerdictShape verdict={verdict} />
      {verdict === 'waiting' ? 'Waiting' : SERIES_VERDICT_WORDS[verdict]}
    </span>
  );
}
