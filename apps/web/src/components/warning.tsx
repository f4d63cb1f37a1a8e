import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './warning.module.css';

/** A warning for the test's or agent's owner, although nothing has failed yet. */
export function Warning({ children }: { readonly children: ReactNode }) {
  return (
    <div className={classes.warning}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
