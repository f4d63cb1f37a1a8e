import { z } from 'zod';
import type { OptionsSchema } from './descriptor.ts';

/**
 * Which part of an option is secret. `hideSecrets` hides it from users. `value`: the whole text. `linesBut`: each value
 * in a list of `Name: value` lines, except for these names (in lower case).
 */
export type Secrecy = 'value' | { readonly linesBut: readonly string[] };

/** What a schema field's `.meta()` may carry beside zod's own `description`. */
export interface OptionMeta {
  readonly label: string;
  readonly description: string;
  /** Display form: "s", "bytes". */
  readonly unit?: string;
  /** CLI flag without dashes; default: the kebab-cased name. */
  readonly flag?: string;
  /** false: changing it keeps the check's history in one series. Default true. */
  readonly identity?: boolean;
  /** Forms hide it until the user expands the advanced options. */
  readonly advanced?: boolean;
  /** Absent: no part is secret. */
  readonly secret?: Secrecy;
  /** What a text contains, where users keep such texts in files: the command line can read it from a file. */
  readonly content?: 'pem';
  /** Whether a text may have several lines: forms keep its line breaks. Default false. */
  readonly multiline?: boolean;
}

/** One option as forms, flags and docs need it, read off the schema. */
export interface OptionField extends OptionMeta {
  readonly name: string;
  readonly flag: string;
  readonly kind: 'number' | 'integer' | 'boolean' | 'text' | 'choice' | 'list';
  readonly choices: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
}

interface JsonProperty extends Partial<OptionMeta> {
  type?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

/** The options of a probe in declared order. @throws Error when a field lacks a label: a fault of the declaration. */
export function optionFields(schema: OptionsSchema): readonly OptionField[] {
  const known = fieldsOf.get(schema);
  if (known !== undefined) return known;
  const fields = readFields(schema);
  fieldsOf.set(schema, fields);
  return fields;
}

/** Cached: a schema never changes, and reading it takes milliseconds. */
const fieldsOf = new WeakMap<OptionsSchema, readonly OptionField[]>();

function readFields(schema: OptionsSchema): readonly OptionField[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const fields = Object.entries(json.properties ?? {});
  return Object.freeze(fields.map(([name, property]) => toField(name, property as JsonProperty)));
}

function toField(name: string, property: JsonProperty): OptionField {
  if (property.label === undefined) throw new Error(`option ${name} has no label in its .meta()`);
  const { minimum, maximum } = property;
  return Object.freeze({
    name,
    label: property.label,
    description: property.description ?? '',
    ...(property.unit === undefined ? {} : { unit: property.unit }),
    flag: property.flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    identity: property.identity ?? true,
    advanced: property.advanced ?? false,
    ...(property.secret === undefined ? {} : { secret: property.secret }),
    ...(property.content === undefined ? {} : { content: property.content }),
    ...(property.multiline === undefined ? {} : { multiline: property.multiline }),
    kind: kindOf(property),
    choices: (property.enum ?? []).map(String),
    ...(isBound(minimum) ? { minimum } : {}),
    ...(isBound(maximum) ? { maximum } : {}),
    default: property.default,
  });
}

function kindOf(property: JsonProperty): OptionField['kind'] {
  if (property.enum !== undefined) return 'choice';
  switch (property.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return property.type;
    case 'array':
      return 'list';
    default:
      return 'text';
  }
}

const isBound = (bound: number | undefined): bound is number =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
