import { IconAlertTriangle } from '@tabler/icons-react';
import { Hint } from './hint.tsx';

/** A sign in a table row that something is wrong, or nothing. The row's own page has the details. */
export function WarningSign({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <Hint text={warnings.join('\n')}>
      <IconAlertTriangle size={15} color="var(--ns-degraded-text)" aria-hidden />
      <span className="visually-hidden">{warnings.join('. ')}</span>
    </Hint>
  );
}
