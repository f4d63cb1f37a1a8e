import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './warning.module.css';

/** Something that its owner should know, although nothing has failed yet. */
export function Warning({ children }: { readonly children: ReactNode }) {
  return (
    <div className={classes.warning}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
