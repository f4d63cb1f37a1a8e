import type { ReactNode } from 'react';
import classes from './facts.module.css';

interface Props {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
  /** Columns with room for a fingerprint on one line. */
  readonly wide?: boolean;
}

/** Names and what they stand for, in as many columns as there is room. */
export function Facts({ facts, wide = false }: Props) {
  return (
    <dl className={classes.facts} data-wide={wide}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
