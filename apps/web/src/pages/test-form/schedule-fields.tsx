import { NativeSelect, TextInput } from '@mantine/core';
import { fullTime } from '../../components/time-words.ts';
import { serverNow } from '../../time/server-time.ts';
import { zoneAt } from '../../time/zone.ts';
import { type SpanUnit, startsBySaving, type TestDraft } from './draft.ts';
import { NumberField } from './number-field.tsx';
import { ruleText } from './number-text.ts';
import { durationRule, INTERVAL_RULE } from './schedule-rules.ts';
import classes from './test-form.module.css';

interface Props {
  readonly draft: TestDraft;
  readonly change: (part: Partial<TestDraft>) => void;
  readonly errorOf: (path: string) => string | undefined;
}

const UNITS: readonly { readonly value: SpanUnit; readonly label: string }[] = [
  { value: 's', label: 'seconds' },
  { value: 'min', label: 'minutes' },
  { value: 'h', label: 'hours' },
  { value: 'd', label: 'days' },
];

/** How often, how long, and from when. */
export function ScheduleFields({ draft, change, errorOf }: Props) {
  return (
    <div className={classes.fields}>
      <NumberField
        label="Interval"
        description={`From one run to the next, per target (${ruleText(INTERVAL_RULE)}). Empty: the server's default`}
        rule={INTERVAL_RULE}
        value={draft.interval}
        change={(interval) => change({ interval })}
        error={errorOf('interval')}
      />
      <NativeSelect
        label="Ends"
        description="Its results stay when it has ended"
        value={draft.length}
        onChange={(event) => change({ length: event.currentTarget.value as TestDraft['length'] })}
        data={[
          { value: 'open', label: 'when it is stopped' },
          { value: 'span', label: 'after a time' },
          { value: 'server', label: "after the server's default time" },
        ]}
      />
      {draft.length === 'span' && (
        <div className={classes.pair}>
          <NumberField
            label="Duration"
            description="Counted from its start"
            rule={durationRule(draft.durationUnit)}
            value={draft.duration}
            change={(duration) => change({ duration })}
            error={errorOf('duration')}
          />
          <NativeSelect
            aria-label="Unit of the duration"
            value={draft.durationUnit}
            onChange={(event) => change({ durationUnit: event.currentTarget.value as SpanUnit })}
            data={[...UNITS]}
          />
        </div>
      )}
      {draft.stored?.state !== 'running' && (
        <TextInput
          type="datetime-local"
          label={hasEnded(draft) ? 'Starts again' : 'Starts'}
          description={
            isInstant(draft.startAt)
              ? fullTime(Date.parse(draft.startAt))
              : `${emptyWords(draft)}. In ${zoneAt(serverNow())}`
          }
          value={draft.startAt}
          onChange={(event) => change({ startAt: event.currentTarget.value })}
          error={errorOf('startAt')}
        />
      )}
    </div>
  );
}

const hasEnded = ({ stored }: TestDraft): boolean => stored !== null && stored.state !== 'scheduled';

const isInstant = (text: string): boolean => !Number.isNaN(Date.parse(text));

/** What an empty field means, and a hint that it is empty where that changes what runs. */
function emptyWords(draft: TestDraft): string {
  if (hasEnded(draft)) return 'Empty: not automatically';
  if (startsBySaving(draft)) return 'Empty: it starts at once when it is saved';
  return draft.stored === null ? 'Empty: at once' : 'Emptied, it starts at once when it is saved';
}
