import type { Expectation, MetricDescriptor, OptionField } from '@netsonde/probes/catalog';
import type { AgentSelection, ProbeInfo, TestInput } from '@netsonde/protocol/api';
import { allMetrics } from '../../api/probe-metrics.ts';
import { parseLabels } from '../../components/label-text.ts';
import { serverNow } from '../../time/server-time.ts';
import {
  type CheckDraft,
  type ExpectationDraft,
  type OptionValue,
  SPAN_SECONDS,
  startsBySaving,
  type TestDraft,
} from './draft.ts';
import { type NumberRule, readNumber } from './number-text.ts';
import { numberRule } from './option-rule.ts';
import { COUNT_RULE, durationRule, INTERVAL_RULE } from './schedule-rules.ts';
import { readTargetLines } from './target-lines.ts';

/** What is wrong with a draft, by the path of its field: `name`, `targets`, `checks.0.options.count`. */
export type DraftErrors = Readonly<Record<string, string>>;

export interface Reading {
  readonly input: TestInput;
  readonly errors: DraftErrors;
}

/** Converts a draft to the body of the API, with the errors that the form finds itself. */
export function readDraft(draft: TestDraft, catalog: readonly ProbeInfo[]): Reading {
  const errors: Record<string, string> = {};
  const probes = catalog.filter(({ id }) => draft.checks.some(({ probe }) => probe === id));
  const { targets, problems } = readTargetLines(draft.targets, probes, draft.stored?.addresses);
  if (draft.name.trim() === '') errors.name = 'Give the test a name';
  if (problems.length > 0) errors.targets = problems.slice(0, 5).join('\n');
  else if (targets.length === 0) errors.targets = 'Write at least one target';
  if (draft.checks.length === 0) errors.checks = 'Add at least one check';
  if (isChosen(draft) && Date.parse(draft.startAt) <= serverNow()) errors.startAt = overWords(draft);
  const input: TestInput = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    targets: targets.map(({ address, labels }) => ({ address, labels: { ...labels } })),
    checks: draft.checks.map((check, index) => checkInput(check, `checks.${index}`, catalog, errors)),
    agents: selectionOf(draft, errors),
    ...intervalOf(draft, errors),
    ...durationOf(draft, errors),
    ...startOf(draft),
  };
  return { input, errors };
}

type CheckInput = TestInput['checks'][number];

function checkInput(
  check: CheckDraft,
  path: string,
  catalog: readonly ProbeInfo[],
  errors: Record<string, string>,
): CheckInput {
  const probe = catalog.find(({ id }) => id === check.probe);
  const metrics = probe === undefined ? [] : allMetrics(probe);
  return {
    probe: check.probe,
    options: optionsOf(check, probe?.options ?? [], path, errors),
    interval: numberOf(check.interval, INTERVAL_RULE, `${path}.interval`, errors),
    expectations: check.expectations.map((expectation, index) => {
      const metric = metrics.find(({ id }) => id === expectation.metric);
      return expectationOf(expectation, metric, `${path}.expectations.${index}`, errors);
    }),
  };
}

/** Only options that the user changed and did not clear. The others use the probe's default. */
function optionsOf(
  { options }: CheckDraft,
  fields: readonly OptionField[],
  path: string,
  errors: Record<string, string>,
): Record<string, string | number | boolean | string[]> {
  const filled = fields.flatMap((field) => {
    const { name, kind } = field;
    const value = options[name];
    if (value === undefined || value === '') return [];
    if (kind !== 'integer' && kind !== 'number') return [[name, plain(value)] as const];
    const number = numberOf(String(value), numberRule(field), `${path}.options.${name}`, errors);
    return number === null ? [] : [[name, number] as const];
  });
  return Object.fromEntries(filled);
}

const plain = (value: OptionValue): string | number | boolean | string[] =>
  typeof value === 'object' ? value.filter((item) => item !== '') : value;

function expectationOf(
  { metric, op, value }: ExpectationDraft,
  descriptor: MetricDescriptor | undefined,
  path: string,
  errors: Record<string, string>,
): Expectation {
  if (value.trim() === '') errors[path] = 'Say what it is compared with';
  switch (descriptor?.kind) {
    case 'boolean':
      return { metric, op, value: value === 'true' };
    case 'float':
    case 'integer': {
      return { metric, op, value: numberOf(value, {}, path, errors) ?? 0 };
    }
    default:
      return { metric, op, value };
  }
}

function selectionOf({ by, agents, labels, count }: TestDraft, errors: Record<string, string>): AgentSelection {
  switch (by) {
    case 'chosen':
      if (agents.length === 0) errors.agents = 'Choose at least one agent';
      return { by, agents: [...agents] };
    case 'any':
      if (count.trim() === '') errors.agents = 'Say how many agents';
      return { by, count: numberOf(count, COUNT_RULE, 'agents', errors) ?? 1 };
    case 'labels':
      return { by, labels: labelsOf(labels, errors) };
  }
}

function labelsOf(text: string, errors: Record<string, string>): Record<string, string> {
  try {
    const labels = { ...parseLabels(text) };
    if (Object.keys(labels).length === 0) errors.agents = 'Write at least one label, such as site=lyon';
    return labels;
  } catch (error) {
    errors.agents = error instanceof Error ? error.message : String(error);
    return {};
  }
}

/** Omitted: at once for a new test. An edit that did not touch the start keeps the stored one, to the second. */
function startOf(draft: TestDraft): { startAt?: string | null } {
  if (startsBySaving(draft)) return { startAt: null };
  return isChosen(draft) ? { startAt: new Date(draft.startAt).toISOString() } : {};
}

/** Whether the user has changed the start. */
const isChosen = ({ startAt, stored }: TestDraft): boolean => startAt !== '' && startAt !== stored?.startAt;

const overWords = ({ stored }: TestDraft): string =>
  stored === null || stored.state === 'scheduled'
    ? 'This time has passed: choose a later one, or empty the field to start at once'
    : 'This time has passed: choose a later one, or empty the field';

/** Omitted: the server's default. */
function intervalOf({ interval }: TestDraft, errors: Record<string, string>): { interval?: number } {
  const number = numberOf(interval, INTERVAL_RULE, 'interval', errors);
  return number === null ? {} : { interval: number };
}

function durationOf(
  { length, duration, durationUnit }: TestDraft,
  errors: Record<string, string>,
): { duration?: number | null } {
  if (length === 'server') return {};
  if (length === 'open') return { duration: null };
  if (duration.trim() === '') errors.duration = 'Say how long the test shall run';
  const number = numberOf(duration, durationRule(durationUnit), 'duration', errors);
  return { duration: number === null ? null : number * SPAN_SECONDS[durationUnit] };
}

/** A typed number. null: none was typed, or it is wrong: then `errors` says so. */
function numberOf(text: string, rule: NumberRule, path: string, errors: Record<string, string>): number | null {
  const { value, wrong } = readNumber(text, rule);
  if (wrong !== null) errors[path] = wrong;
  return value;
}
