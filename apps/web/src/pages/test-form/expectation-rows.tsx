import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { symbolOf } from '@netsonde/metrics';
import { COMPARISON_WORDS, type Expectation, type MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo } from '@netsonde/protocol/api';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { allMetrics, headlineMetrics } from '../../api/probe-metrics.ts';
import { type ExpectationDraft, newKey } from './draft.ts';
import classes from './test-form.module.css';

interface Props {
  readonly probe: ProbeInfo;
  readonly expectations: readonly ExpectationDraft[];
  readonly change: (expectations: readonly ExpectationDraft[]) => void;
  readonly errorOf: (path: string) => string | undefined;
}

const OPERATORS = (Object.keys(COMPARISON_WORDS) as Expectation['op'][]).map((value) => ({
  value,
  label: COMPARISON_WORDS[value],
}));

/** Bounds of an `up` result. A result outside of them is `degraded`. */
export function ExpectationRows({ probe, expectations, change, errorOf }: Props) {
  const metrics = allMetrics(probe);
  const put = (next: ExpectationDraft) => change(expectations.map((row) => (row.key === next.key ? next : row)));
  const add = () => {
    const metric = headlineMetrics(probe)[0] ?? metrics[0];
    if (metric !== undefined)
      change([
        ...expectations,
        { key: newKey(), metric: metric.id, op: usualOperator(metric), value: usualValue(metric) },
      ]);
  };
  return (
    <div className="stack stack-tight">
      {expectations.map((row, place) => (
        <ExpectationRow
          key={row.key}
          row={row}
          place={place}
          metrics={metrics}
          put={put}
          remove={() => change(expectations.filter(({ key }) => key !== row.key))}
          error={['', '.value', '.metric', '.op'].map((part) => errorOf(`expectations.${place}${part}`)).find(Boolean)}
        />
      ))}
      <div className="row">
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
          Expect something
        </Button>
        {expectations.length === 0 && (
          <span className="muted small">A result that breaks an expectation is degraded.</span>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: ExpectationDraft;
  readonly place: number;
  readonly metrics: readonly MetricDescriptor[];
  readonly put: (row: ExpectationDraft) => void;
  readonly remove: () => void;
  readonly error: string | undefined;
}

function ExpectationRow({ row, place, metrics, put, remove, error }: RowProps) {
  const metric = metrics.find(({ id }) => id === row.metric);
  const name = `expectation ${place + 1}`;
  return (
    <div className={classes.expectation}>
      <NativeSelect
        aria-label={`Metric of ${name}`}
        data={metrics.map(({ id, label }) => ({ value: id, label }))}
        value={row.metric}
        onChange={(event) => {
          const next = metrics.find(({ id }) => id === event.currentTarget.value);
          if (next !== undefined) put({ ...row, metric: next.id, op: usualOperator(next), value: usualValue(next) });
        }}
      />
      <NativeSelect
        aria-label={`Comparison of ${name}`}
        data={OPERATORS.filter(({ value }) => isNumber(metric) || value === '==' || value === '!=')}
        value={row.op}
        onChange={(event) => put({ ...row, op: event.currentTarget.value as Expectation['op'] })}
      />
      {metric?.kind === 'boolean' ? (
        <NativeSelect
          aria-label={`Value of ${name}`}
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          value={row.value}
          onChange={(event) => put({ ...row, value: event.currentTarget.value })}
        />
      ) : (
        <TextInput
          aria-label={`Value of ${name}`}
          value={row.value}
          inputMode={isNumber(metric) ? 'decimal' : 'text'}
          rightSection={metric?.unit ? <span className="muted small">{symbolOf(metric.unit)}</span> : undefined}
          rightSectionWidth={52}
          onChange={(event) => put({ ...row, value: event.currentTarget.value })}
          error={error}
        />
      )}
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove ${name}`} onClick={remove}>
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  );
}

const isNumber = (metric: MetricDescriptor | undefined): boolean =>
  metric?.kind === 'float' || metric?.kind === 'integer';

function usualOperator(metric: MetricDescriptor): Expectation['op'] {
  if (!isNumber(metric)) return '==';
  return metric.better === 'higher' ? '>=' : '<=';
}

const usualValue = (metric: MetricDescriptor): string => (metric.kind === 'boolean' ? 'true' : '');
