import type { ChartLine } from './chart-line.ts';
import classes from './line-name.module.css';

/** Which agent measures which target; where room is short each of the two keeps its beginning, and a short name is kept whole. */
export function LineName({ line: { agentName, address, instance } }: { readonly line: ChartLine }) {
  return (
    <span className={classes.name}>
      <span style={{ minWidth: `min(${agentName.length + 1}ch, 40%)` }}>{agentName}</span>{' '}
      <span>→ {[address, instance].filter(Boolean).join(' · ')}</span>
    </span>
  );
}
