import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

interface Props {
  readonly title: string;
  readonly icon?: ReactNode;
  /** What to do next. */
  readonly children?: ReactNode;
}

/** Says why a list is still empty, and what to do about it. */
export function EmptyState({ title, icon, children }: Props) {
  return (
    <div className={classes.empty}>
      {icon}
      <p className={classes.title}>{title}</p>
      {children !== undefined && <div className={classes.next}>{children}</div>}
    </div>
  );
}
