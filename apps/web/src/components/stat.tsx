import type { ReactNode } from 'react';
import classes from './stat.module.css';

interface Props {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
}

/** One figure with its name. */
export function Stat({ label, value, note }: Props) {
  return (
    <div className={classes.stat}>
      <dt className="muted small">{label}</dt>
      <dd className={classes.value}>{value}</dd>
      <dd className="muted small">{note ?? '\u00a0'}</dd>
    </div>
  );
}

/** Figures side by side, as many in a row as fit. */
export function Stats({ children }: { readonly children: ReactNode }) {
  return <dl className={classes.stats}>{children}</dl>;
}
