import type { ReactNode } from 'react';
import { Logo } from '../app/logo.tsx';
import classes from './gate.module.css';
import { useOpening } from './use-opening.ts';

interface Props {
  readonly title: string;
  readonly intro: ReactNode;
  readonly children: ReactNode;
}

/** The frame of the pages before the sign-in. */
export function Gate({ title, intro, children }: Props) {
  useOpening(title);
  return (
    <main className={classes.gate}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo /> Netsonde
        </div>
        <h1>{title}</h1>
        <p className="muted">{intro}</p>
        {children}
      </div>
    </main>
  );
}
