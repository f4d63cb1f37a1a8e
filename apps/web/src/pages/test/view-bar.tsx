import { NativeSelect, SegmentedControl } from '@mantine/core';
import type { Test } from '@netsonde/protocol/api';
import { fullTime } from '../../components/time-words.ts';
import classes from './test-page.module.css';
import { type View, WINDOWS } from './view.ts';

interface Props {
  readonly test: Test;
  readonly view: View;
  readonly change: (view: View) => void;
}

const ALL = 'all';
const numberOf = (value: string): number | undefined => (value === ALL ? undefined : Number(value));

/** Which stretch of time, agent and target the page shows. */
export function ViewBar({ test, view, change }: Props) {
  const { stretch } = view;
  return (
    <div className={classes.bar}>
      <SegmentedControl
        size="xs"
        aria-label="Time shown"
        value={String(stretch.lengthMs)}
        onChange={(lengthMs) => change({ ...view, stretch: { ...stretch, lengthMs: Number(lengthMs) } })}
        data={WINDOWS}
      />
      {stretch.endMs !== null && <span className="muted small">up to {fullTime(stretch.endMs)}</span>}
      <NativeSelect
        size="xs"
        aria-label="Agent"
        value={String(view.agent ?? ALL)}
        onChange={(event) => change({ ...view, agent: numberOf(event.currentTarget.value) })}
        data={[
          { value: ALL, label: 'All agents' },
          ...test.assigned.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label="Target"
        value={String(view.target ?? ALL)}
        onChange={(event) => change({ ...view, target: numberOf(event.currentTarget.value) })}
        data={[
          { value: ALL, label: 'All targets' },
          ...test.targets.map(({ id, address }) => ({ value: String(id), label: address })),
        ]}
      />
    </div>
  );
}
