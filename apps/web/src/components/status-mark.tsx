import type { Agent } from '@netsonde/protocol/api';
import classes from './status-mark.module.css';

const WORDS = {
  online: 'Online',
  silent: 'Not heard',
  offline: 'Offline',
  revoked: 'Revoked',
  running: 'Running',
  scheduled: 'Scheduled',
  stopped: 'Stopped',
  completed: 'Completed',
} as const;

/** Status of an agent as shown to users: `silent` where its connection is open and nothing arrives. */
export const agentStatus = ({ status, silent }: Pick<Agent, 'status' | 'silent'>) => (silent ? 'silent' : status);

/** State of an agent or a test: a filled, an open or a crossed mark, and the word. */
export function StatusMark({ status }: { readonly status: keyof typeof WORDS }) {
  return (
    <span className={classes.mark} data-status={status}>
      <span aria-hidden="true" />
      {WORDS[status]}
    </span>
  );
}
