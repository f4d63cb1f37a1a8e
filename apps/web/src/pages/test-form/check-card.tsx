import { ActionIcon, NativeSelect } from '@mantine/core';
import type { OptionField } from '@netsonde/probes/catalog';
import type { ProbeInfo } from '@netsonde/protocol/api';
import { IconTrash } from '@tabler/icons-react';
import type { CheckDraft, OptionValue } from './draft.ts';
import { ExpectationRows } from './expectation-rows.tsx';
import { NumberField } from './number-field.tsx';
import { ruleText } from './number-text.ts';
import { OptionControl } from './option-control.tsx';
import { INTERVAL_RULE } from './schedule-rules.ts';
import classes from './test-form.module.css';

interface Props {
  readonly check: CheckDraft;
  /** From 0. */
  readonly place: number;
  readonly catalog: readonly ProbeInfo[];
  readonly change: (check: CheckDraft) => void;
  /** undefined: the last check cannot be removed. */
  readonly remove: (() => void) | undefined;
  /** The error of a field of this check, by its path below the check. */
  readonly errorOf: (path: string) => string | undefined;
}

/** One check: its probe, options, own interval, and expectations. */
export function CheckCard({ check, place, catalog, change, remove, errorOf }: Props) {
  const probe = catalog.find(({ id }) => id === check.probe);
  const fields = probe?.options ?? [];
  const setOption = (name: string, value: OptionValue | undefined) => {
    const { [name]: _before, ...others } = check.options;
    change({ ...check, options: value === undefined ? others : { ...others, [name]: value } });
  };
  const control = (field: OptionField) => (
    <OptionControl
      key={field.name}
      field={field}
      value={check.options[field.name]}
      change={(value) => setOption(field.name, value)}
      error={errorOf(`options.${field.name}`)}
    />
  );
  const advanced = fields.filter((field) => field.advanced === true);
  return (
    <fieldset className={classes.card}>
      <legend className="visually-hidden">Check {place + 1}</legend>
      <div className={classes.cardHead}>
        <NativeSelect
          label={`Check ${place + 1}: probe`}
          description={probe?.summary}
          data={catalog.map(({ id, label }) => ({ value: id, label }))}
          value={check.probe}
          onChange={(event) => change({ ...check, probe: event.currentTarget.value, options: {}, expectations: [] })}
          error={errorOf('probe')}
        />
        {remove !== undefined && (
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove check ${place + 1}`} onClick={remove}>
            <IconTrash size={18} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.fields}>
        {fields.filter((field) => field.advanced !== true).map(control)}
        <NumberField
          label="Own interval"
          description={`${ruleText(INTERVAL_RULE)}. Empty: the test's interval`}
          rule={INTERVAL_RULE}
          value={check.interval}
          change={(interval) => change({ ...check, interval })}
          error={errorOf('interval')}
        />
      </div>
      {advanced.length > 0 && (
        <details
          className={classes.more}
          open={advanced.some(({ name }) => check.options[name] !== undefined) || undefined}
        >
          <summary>{advanced.length} more options</summary>
          <div className={classes.fields}>{advanced.map(control)}</div>
        </details>
      )}
      {probe !== undefined && (
        <ExpectationRows
          probe={probe}
          expectations={check.expectations}
          change={(expectations) => change({ ...check, expectations })}
          errorOf={errorOf}
        />
      )}
    </fieldset>
  );
}
