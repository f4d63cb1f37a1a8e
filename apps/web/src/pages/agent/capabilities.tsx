import type { Agent } from '@netsonde/protocol/api';
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import { CopyLine } from '../../components/copy-line.tsx';
import { Panel } from '../../components/panel.tsx';
import classes from './capabilities.module.css';

/** What the agent can measure on its host, and how to add what is missing. */
export function Capabilities({ agent }: { readonly agent: Agent }) {
  return (
    <Panel title="What it can measure">
      {agent.capabilities.length === 0 && (
        <p className="muted">Not known yet: the agent reports it when it connects.</p>
      )}
      <ul className={`plain-list ${classes.list}`}>
        {agent.capabilities.map(({ id, available, note, mend: fix }) => (
          <li key={id} className={classes.item}>
            {available ? (
              <IconCircleCheck size={20} color="var(--ns-up-text)" aria-hidden />
            ) : (
              <IconCircleDashed size={20} color="var(--ns-degraded-text)" aria-hidden />
            )}
            <div>
              <p>
                <b>{id.replaceAll('_', ' ')}</b> <span className="muted">{available ? 'available' : 'missing'}</span>
              </p>
              <p className="muted small">{note}</p>
              {!available && fix !== undefined && <CopyLine label={`What gives it ${id}`} text={fix} />}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
