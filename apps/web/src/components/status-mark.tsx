import classes from './status-mark.module.css';

const WORDS = {
  online: 'Online',
  offline: 'Offline',
  revoked: 'Revoked',
  running: 'Running',
  scheduled: 'Scheduled',
  stopped: 'Stopped',
  completed: 'Completed',
} as const;

/** State of an agent or a test: a filled, an open or a crossed mark, and the word. */
export function StatusMark({ status }: { readonly status: keyof typeof WORDS }) {
  return (
    <span className={classes.mark} data-status={status}>
      <span aria-hidden="true" />
      {WORDS[status]}
    </span>
  );
}
