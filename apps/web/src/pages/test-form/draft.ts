import type { Expectation, OptionField } from '@netsonde/probes/catalog';
import type { AgentSelection, ProbeInfo, Test } from '@netsonde/protocol/api';
import { labelText } from '../../components/label-text.ts';

export type OptionValue = string | number | boolean | readonly string[];

/** An expectation while it is being written: the value is still text. */
export interface ExpectationDraft {
  readonly key: string;
  readonly metric: string;
  readonly op: Expectation['op'];
  readonly value: string;
}

export interface CheckDraft {
  readonly key: string;
  readonly probe: string;
  /** Differences from the probe's defaults, by field; a number as it was typed. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly expectations: readonly ExpectationDraft[];
  /** s, as typed; "": the test's own interval. */
  readonly interval: string;
}

export type SpanUnit = 's' | 'min' | 'h' | 'd';

/** A test while it is being written. */
export interface TestDraft {
  readonly name: string;
  readonly description: string;
  /** One target per line, followed by its labels. */
  readonly targets: string;
  readonly checks: readonly CheckDraft[];
  readonly by: AgentSelection['by'];
  readonly agents: readonly number[];
  readonly labels: string;
  /** As typed. */
  readonly count: string;
  /** s, as typed; "": the server's default. */
  readonly interval: string;
  /** "server": the server's default; "open": until it is stopped. */
  readonly length: 'server' | 'open' | 'span';
  /** As typed. */
  readonly duration: string;
  readonly durationUnit: SpanUnit;
  /** In the format of a date-time field, in the user's time zone; "": at once, or unchanged where it has begun already. */
  readonly startAt: string;
  /** The stored part of a test that is edited; null: a new one. */
  readonly stored: StoredStart | null;
}

/** The state of a test when the form was opened. */
export interface StoredStart {
  readonly state: Test['state'];
  /** The initial value of its start field. */
  readonly startAt: string;
  /** Its targets. */
  readonly addresses: ReadonlySet<string>;
}

/** Whether the user cleared the start of a test that still waits for it: saving then starts it. */
export const startsBySaving = ({ stored, startAt }: TestDraft): boolean =>
  stored?.state === 'scheduled' && startAt === '';

let keys = 0;
/** A key for a row of the form that has no id yet. */
export const newKey = (): string => {
  keys += 1;
  return `row-${keys}`;
};

export const emptyCheck = (probe: string): CheckDraft => ({
  key: newKey(),
  probe,
  options: {},
  expectations: [],
  interval: '',
});

export function emptyDraft(catalog: readonly ProbeInfo[]): TestDraft {
  return {
    name: '',
    description: '',
    targets: '',
    checks: catalog.slice(0, 1).map(({ id }) => emptyCheck(id)),
    by: 'any',
    agents: [],
    labels: '',
    count: '1',
    interval: '',
    length: 'open',
    duration: '1',
    durationUnit: 'h',
    startAt: '',
    stored: null,
  };
}

/** An existing test as a draft. */
export function draftOf(test: Test, catalog: readonly ProbeInfo[]): TestDraft {
  const { agents, duration, state } = test;
  const startAt = state === 'scheduled' ? localText(new Date(test.startAt)) : '';
  const [spanValue, spanUnit] = duration === null ? [1, 'h' as const] : spanOf(duration);
  return {
    name: test.name,
    description: test.description,
    targets: test.targets
      .map(({ address, labels }) => [address, labelText(labels)].filter(Boolean).join(' '))
      .join('\n'),
    checks: test.checks.map((check) => ({
      key: newKey(),
      probe: check.probe,
      options: changedOptions(check.options, catalog.find(({ id }) => id === check.probe)?.options ?? []),
      expectations: check.expectations.map(({ metric, op, value }) => ({
        key: newKey(),
        metric,
        op,
        value: String(value),
      })),
      interval: check.interval === null ? '' : String(check.interval),
    })),
    by: agents.by,
    agents: agents.by === 'chosen' ? agents.agents : [],
    labels: agents.by === 'labels' ? labelText(agents.labels) : '',
    count: String(agents.by === 'any' ? agents.count : 1),
    interval: String(test.interval),
    length: duration === null ? 'open' : 'span',
    duration: String(spanValue),
    durationUnit: spanUnit,
    startAt,
    stored: { state, startAt, addresses: new Set(test.targets.map(({ address }) => address)) },
  };
}

function changedOptions(options: Readonly<Record<string, unknown>>, fields: readonly OptionField[]) {
  const changed: Record<string, OptionValue> = {};
  for (const field of fields) {
    const value = options[field.name];
    if (value === undefined || value === null || same(value, field.default)) continue;
    changed[field.name] = Array.isArray(value)
      ? value.map(String)
      : typeof value === 'object'
        ? JSON.stringify(value)
        : (value as OptionValue);
  }
  return changed;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const SPAN_SECONDS: Readonly<Record<SpanUnit, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

/** A duration in the largest unit that needs no fraction. */
function spanOf(seconds: number): readonly [number, SpanUnit] {
  const unit = (['d', 'h', 'min'] as const).find((candidate) => seconds % SPAN_SECONDS[candidate] === 0) ?? 's';
  return [seconds / SPAN_SECONDS[unit], unit];
}

/** `2030-01-31T18:05`, the format of a date-time field. */
function localText(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
