import { type OptionField, type OptionsSchema, optionFields } from '@netsonde/probes/catalog';
import { Option } from 'commander';
import { UsageError } from '../terminal.ts';
import { optionFault, rangeOf } from './option-fault.ts';
import { pemValue } from './pem-value.ts';

/** The flags of a probe, from the schema of its options. */
export function flagsOf(schema: OptionsSchema): readonly Option[] {
  return optionFields(schema).map((field) => {
    const option = new Option(syntaxOf(field), descriptionOf(field)).argParser((text: string, earlier: unknown) =>
      readValue(field, text, earlier),
    );
    option.attributeName = () => field.name;
    return option;
  });
}

/** Choices that fit beside the other flags. Longer lists are in the description. */
const MOST_CHOICES_SHOWN = 24;

function syntaxOf(field: OptionField): string {
  const { flag, kind, unit } = field;
  switch (kind) {
    case 'boolean':
      return `--${flag} [yes|no]`;
    case 'choice':
      return `--${flag} <${shownChoices(field) ?? 'choice'}>`;
    case 'list':
      return `--${flag} <text>`;
    default:
      return `--${flag} <${field.content === undefined ? (unit ?? kind) : 'file'}>`;
  }
}

function shownChoices({ choices }: OptionField): string | null {
  const text = choices.join('|');
  return text.length > MOST_CHOICES_SHOWN ? null : text;
}

function descriptionOf(field: OptionField): string {
  const notes = [];
  if (field.kind === 'choice' && shownChoices(field) === null) notes.push(`one of ${field.choices.join(', ')}`);
  if (field.kind === 'list') notes.push('may be given several times');
  if (field.content === 'pem') notes.push('a PEM file, or its text');
  if (hasDefault(field)) notes.push(`default ${shownDefault(field)}`);
  const range = rangeOf(field);
  if (range !== null) notes.push(range);
  const what = field.description === '' ? field.label : field.description;
  return notes.length === 0 ? what : `${what} (${notes.join('; ')})`;
}

/** An empty text or list helps nobody. */
function hasDefault({ default: preset }: OptionField): boolean {
  if (preset === undefined || preset === null || preset === '') return false;
  return !Array.isArray(preset) || preset.length > 0;
}

function shownDefault({ default: preset }: OptionField): string {
  if (typeof preset === 'boolean') return preset ? 'yes' : 'no';
  return typeof preset === 'string' ? preset : JSON.stringify(preset);
}

function readValue(field: OptionField, text: string, earlier: unknown): unknown {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return numberOf(field, text);
    case 'boolean':
      return booleanOf(field, text);
    case 'list':
      return [...(Array.isArray(earlier) ? earlier : []), text];
    default:
      return field.content === 'pem' ? pemValue(field, text) : text;
  }
}

function numberOf(field: OptionField, text: string): number {
  const { flag, kind, unit } = field;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const wanted = `write ${kind === 'integer' ? 'a whole number' : 'a number'}${unit === undefined ? '' : ` (${unit})`}${rangeWords(field)}`;
  if (!Number.isFinite(value)) throw new UsageError(`--${flag}: ${JSON.stringify(text)} is no number: ${wanted}`);
  if (kind === 'integer' && !Number.isInteger(value))
    throw new UsageError(`--${flag}: ${text} is not a whole number: ${wanted}`);
  return value;
}

function rangeWords(field: OptionField): string {
  const range = rangeOf(field);
  return range === null ? '' : `, ${range}`;
}

function booleanOf({ flag }: OptionField, text: string): boolean {
  if (/^(yes|true|1)$/i.test(text)) return true;
  if (/^(no|false|0)$/i.test(text)) return false;
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is neither yes nor no: write --${flag}=yes, or put the flag behind the target`,
  );
}

/** Reads flags with the probe's schema. @throws UsageError that names the flag. */
export function parseOptions(schema: OptionsSchema, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  const field = optionFields(schema).find((candidate) => candidate.name === name);
  throw new UsageError(`--${field?.flag ?? name}: ${optionFault(field, given[name], issue)}`);
}
