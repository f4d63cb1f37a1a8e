import { type ReactNode, useId } from 'react';
import classes from './panel.module.css';

interface Props {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Tables and charts reach the panel's edges. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A named part of a page. */
export function Panel({ title, note, actions, flush = false, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2 id={id}>{title}</h2>
          {note !== undefined && <div className="muted small">{note}</div>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
