import type { Test } from '@netsonde/protocol/api';
import { Ago } from './ago.tsx';
import { StatusMark } from './status-mark.tsx';
import classes from './test-state.module.css';
import { spanWords } from './time-words.ts';
import { useNow } from './use-now.ts';

/** A test's state, and its progress where it has an end. */
export function TestState({ test }: { readonly test: Test }) {
  return (
    <div className={classes.state}>
      <StatusMark status={test.state} />
      {test.state === 'scheduled' && (
        <span className="muted small nowrap">
          starts <Ago at={test.startAt} />
        </span>
      )}
      {test.state === 'running' && test.endAt !== null && <Progress startAt={test.startAt} endAt={test.endAt} />}
    </div>
  );
}

/** Counted in the page, second by second, from the server's instants. */
function Progress({ startAt, endAt }: { readonly startAt: string; readonly endAt: string }) {
  const now = useNow();
  const [start, end] = [Date.parse(startAt), Date.parse(endAt)];
  const share = Math.min(1, Math.max(0, (now - start) / (end - start)));
  return (
    <div>
      <div
        className={classes.track}
        role="progressbar"
        aria-label="Share of the duration that has passed"
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <span className="muted small">{now >= end ? 'about to end' : `${spanWords(end - now)} left`}</span>
    </div>
  );
}
