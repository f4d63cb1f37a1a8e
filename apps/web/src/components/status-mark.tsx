import type { Agent } from '@netsonde/protocol/api';
import classes from './status-mark.module.css';
import { spanWords } from './time-words.ts';
import { useNow } from './use-now.ts';

const WORDS = {
  online: 'Online',
  not_heard: 'Not heard',
  offline: 'Offline',
  revoked: 'Revoked',
  running: 'Running',
  scheduled: 'Scheduled',
  stopped: 'Stopped',
  completed: 'Completed',
} as const;

/** State of an agent or a test: a filled, an open or a crossed mark, and the word. */
export function StatusMark({ status, text }: { readonly status: keyof typeof WORDS; readonly text?: string }) {
  return (
    <span className={classes.mark} data-status={status}>
      <span aria-hidden="true" />
      {text ?? WORDS[status]}
    </span>
  );
}

/** Whether an agent is heard: "Online", "Not heard for 56 s", "Offline". */
export function AgentStatus({ agent: { presence } }: { readonly agent: Pick<Agent, 'presence'> }) {
  const now = useNow();
  const { state, since } = presence;
  if (state !== 'not_heard' || since === null) return <StatusMark status={state} />;
  return <StatusMark status={state} text={`Not heard for ${spanWords(now - Date.parse(since))}`} />;
}
