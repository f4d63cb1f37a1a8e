import { NativeSelect, SegmentedControl } from '@mantine/core';
import type { Test } from '@netsonde/protocol/api';
import { fullTime } from '../../components/time-words.ts';
import classes from './test-page.module.css';
import { type Choice, WINDOWS } from './view.ts';

interface Props {
  readonly test: Test;
  readonly choice: Choice;
  /** End of the test's results, epoch ms; null: open. */
  readonly endMs: number | null;
  readonly change: (choice: Choice) => void;
}

const ALL = 'all';
const numberOf = (value: string): number | undefined => (value === ALL ? undefined : Number(value));

/** The stretch of time, agent and target that the page shows. */
export function ViewBar({ test, choice, endMs, change }: Props) {
  return (
    <div className={classes.bar}>
      <SegmentedControl
        size="xs"
        aria-label="Time shown"
        value={String(choice.lengthMs)}
        onChange={(lengthMs) => change({ ...choice, lengthMs: Number(lengthMs) })}
        data={WINDOWS}
      />
      {endMs !== null && <span className="muted small">up to {fullTime(endMs)}</span>}
      <NativeSelect
        size="xs"
        aria-label="Agent"
        value={String(choice.agent ?? ALL)}
        onChange={(event) => change({ ...choice, agent: numberOf(event.currentTarget.value) })}
        data={[
          { value: ALL, label: 'All agents' },
          ...test.assigned.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label="Target"
        value={String(choice.target ?? ALL)}
        onChange={(event) => change({ ...choice, target: numberOf(event.currentTarget.value) })}
        data={[
          { value: ALL, label: 'All targets' },
          ...test.targets.map(({ id, address }) => ({ value: String(id), label: address })),
        ]}
      />
    </div>
  );
}
