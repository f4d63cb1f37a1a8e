import {
  type Catalog,
  type Expectation,
  expectationSchema,
  type MetricDescriptor,
  type ProbeDescriptor,
} from '@netsonde/probes/catalog';
import { fieldPath, issueWords } from '@netsonde/protocol';
import { z } from 'zod';
import type { Options } from './model.ts';

/** A check must fit one frame to its agents, with room for targets. */
export const MAX_CHECK_KIB = 40;

const expectationsSchema = z.array(expectationSchema);
const optionsSchema = z.record(z.string(), z.json());

/** A stored check as this version reads it. */
export interface ReadCheck {
  readonly options: Options;
  readonly expectations: readonly Expectation[];
  /** Why no agent is assigned the check, and what to do. null: the check has no fault. */
  readonly fault: string | null;
}

/**
 * Reads a stored check as this version of the server understands it. Options that were added later take their defaults.
 * A check that this version cannot read is kept unchanged with its fault, and does not affect other checks.
 */
export function readCheck(catalog: Catalog, probe: string, optionsText: string, expectationsText: string): ReadCheck {
  const options = readJson(optionsSchema, optionsText);
  const expectations = readJson(expectationsSchema, expectationsText);
  const kept = { options: options ?? {}, expectations: expectations ?? [] };
  if (options === null) return { ...kept, fault: 'its stored options cannot be read: write them again' };
  if (expectations === null) return { ...kept, fault: 'its stored expectations cannot be read: write them again' };
  const descriptor = Object.hasOwn(catalog, probe) ? catalog[probe] : undefined;
  if (descriptor === undefined)
    return { ...kept, fault: `this server has no probe ${probe}: remove the check, or update the server` };
  const read = strictOptions(descriptor).safeParse(options, { error: issueWords });
  if (!read.success) return { ...kept, fault: `${firstIssue(read.error)}: edit the test and correct it` };
  const whole = { options: read.data as Options, expectations };
  return { ...whole, fault: tooLarge(whole) ?? firstExpectationFault(catalog, probe, expectations) };
}

const tooLarge = (check: Pick<ReadCheck, 'options' | 'expectations'>): string | null => {
  const fault = sizeFault(check);
  return fault === null ? null : `its options ${fault}`;
};

/** A descriptor's schema that refuses unknown options. Cached: building one takes 1 ms, and there may be thousands of checks. */
function strictOptions(descriptor: ProbeDescriptor): ProbeDescriptor['options'] {
  const known = STRICT.get(descriptor);
  if (known !== undefined) return known;
  const strict = descriptor.options.strict();
  STRICT.set(descriptor, strict);
  return strict;
}

const STRICT = new WeakMap<ProbeDescriptor, ProbeDescriptor['options']>();

/** The fault of options that are too large. null: their size is fine. */
export function sizeFault(check: Pick<ReadCheck, 'options' | 'expectations'>): string | null {
  const { options, expectations } = check;
  return Buffer.byteLength(JSON.stringify({ options, expectations })) > MAX_CHECK_KIB * 1024
    ? `are larger than the ${MAX_CHECK_KIB} KiB that an agent takes: shorten body, ca or headers`
    : null;
}

/** Why an expectation cannot be evaluated, and its wrong field. null: it can be evaluated. */
export function expectationFault(
  probe: string,
  metrics: readonly MetricDescriptor[],
  { metric, op, value }: Expectation,
): { readonly field: 'metric' | 'value' | 'op'; readonly message: string } | null {
  const descriptor = metrics.find(({ id }) => id === metric);
  if (descriptor === undefined) {
    const known = metrics.map(({ id }) => id).join(', ');
    return { field: 'metric', message: `${probe} has no metric ${metric}: it has ${known}` };
  }
  const type = valueType(descriptor);
  if (typeof value !== type) return { field: 'value', message: `${metric} is a ${type}: compare it with one` };
  if (type !== 'number' && op !== '==' && op !== '!=')
    return { field: 'op', message: `${metric} is a ${type}: use == or !=` };
  return null;
}

function valueType({ kind }: MetricDescriptor): 'number' | 'boolean' | 'string' {
  switch (kind) {
    case 'float':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'text':
      return 'string';
  }
}

function firstExpectationFault(catalog: Catalog, probe: string, expectations: readonly Expectation[]): string | null {
  const metrics = catalog[probe]?.metrics ?? [];
  for (const expectation of expectations) {
    const fault = expectationFault(probe, metrics, expectation);
    if (fault !== null) return `its expectation of ${expectation.metric} cannot be judged: ${fault.message}`;
  }
  return null;
}

function firstIssue({ issues: [issue] }: z.core.$ZodError): string {
  const path = issue === undefined ? '' : fieldPath(issue.path);
  return `option${path === '' ? 's' : ` ${path}`}: ${issue?.message ?? 'invalid'}`;
}

function readJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | null {
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
