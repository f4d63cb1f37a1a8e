import type { Verdict } from '@netsonde/probes/catalog';
import classes from './verdict-mark.module.css';
import { VerdictShape } from './verdict-shape.tsx';
import { VERDICT_WORDS } from './verdict-words.ts';

/** A verdict as a shape and a word. */
export function VerdictMark({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span className={classes.mark} data-verdict={verdict}>
      <VerdictShape verdict={verdict} />
      {VERDICT_WORDS[verdict]}
    </span>
  );
}
