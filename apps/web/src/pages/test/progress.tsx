import type { LiveEvents, Test } from '@netsonde/protocol/api';
import { useState } from 'react';
import { useLiveEvent } from '../../api/live.ts';
import { fullTime } from '../../components/time-words.ts';
import classes from './test-page.module.css';

type ProgressEvent = LiveEvents['progress'];

/** Progress of the run that is under way, for runs long enough to report it. Its height is always one line. */
export function Progress({ test }: { readonly test: Test }) {
  const [latest, setLatest] = useState<ProgressEvent | null>(null);
  useLiveEvent('progress', (event) => {
    if (test.checks.some(({ id }) => id === event.check)) setLatest(event);
  });
  if (test.state !== 'running') return null;
  if (latest === null) return <p className="muted small mono">Waiting for a run…</p>;
  const agent = test.assigned.find(({ id }) => id === latest.agent)?.name ?? 'agent';
  const target = test.targets.find(({ id }) => id === latest.target)?.address ?? 'target';
  const words = `${agent} → ${target}: ${latest.line}`;
  return (
    <p className={`muted small mono ${classes.progress}`} title={`${fullTime(latest.at)}: ${words}`}>
      {words}
    </p>
  );
}
