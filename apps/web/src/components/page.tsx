import type { ReactNode } from 'react';
import classes from './page.module.css';
import { useOpening } from './use-opening.ts';

interface Props {
  readonly title: string;
  /** In front of the title, e.g. a link back. */
  readonly above?: ReactNode;
  readonly beside?: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Reserves the space of content that is still loading, so that nothing below it appears first and then jumps. */
export function PageRoom() {
  return (
    <div className={classes.room} aria-busy="true">
      <p className={`muted ${classes.loading}`} role="status">
        Loading…
      </p>
    </div>
  );
}

/** One page: its title in the window and as the heading, which gets the focus when the page opens. */
export function Page({ title, above, beside, subtitle, actions, children }: Props) {
  const heading = useOpening(title);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <div className={classes.titles}>
          {above !== undefined && <div className="small">{above}</div>}
          <div className="row">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {beside}
          </div>
          {subtitle !== undefined && <div className="muted">{subtitle}</div>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
