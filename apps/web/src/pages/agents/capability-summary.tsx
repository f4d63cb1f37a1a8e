import type { Agent } from '@netsonde/protocol/api';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Hint } from '../../components/hint.tsx';

/** "all 6", or which ones are missing. */
export function CapabilitySummary({ capabilities }: Pick<Agent, 'capabilities'>) {
  if (capabilities.length === 0) return <span className="muted">not known yet</span>;
  const missing = capabilities.filter(({ available }) => !available);
  if (missing.length === 0)
    return (
      <span className="row" style={{ gap: '0.3rem', flexWrap: 'nowrap' }}>
        <IconCheck size={15} color="var(--ns-up-text)" aria-hidden /> all {capabilities.length}
      </span>
    );
  const names = missing.map(({ id }) => id.replaceAll('_', ' ')).join(', ');
  return (
    <Hint text={`Missing: ${names}`}>
      <span className="row" style={{ gap: '0.3rem', flexWrap: 'nowrap' }}>
        <IconAlertTriangle size={15} color="var(--ns-degraded-text)" aria-hidden />{' '}
        {capabilities.length - missing.length} of {capabilities.length}
      </span>
    </Hint>
  );
}
