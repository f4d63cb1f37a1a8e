import { type OptionField, type OptionsSchema, optionFields } from '@netsonde/probes/catalog';
import { Option } from 'commander';
import { UsageError } from '../terminal.ts';

/** The flags of a probe, from its options' schema. */
export function flagsOf(schema: OptionsSchema): readonly Option[] {
  return optionFields(schema).map((field) => {
    const option = new Option(syntaxOf(field), descriptionOf(field)).argParser((text: string, earlier: unknown) =>
      readValue(field, text, earlier),
    );
    option.attributeName = () => field.name;
    return option;
  });
}

function syntaxOf({ flag, kind, unit, choices }: OptionField): string {
  switch (kind) {
    case 'boolean':
      return `--${flag} [yes|no]`;
    case 'choice':
      return `--${flag} <${choices.join('|')}>`;
    case 'list':
      return `--${flag} <text>`;
    default:
      return `--${flag} <${unit ?? kind}>`;
  }
}

function descriptionOf({ label, description, minimum, maximum, default: preset }: OptionField): string {
  const range = minimum === undefined && maximum === undefined ? '' : `, ${minimum ?? ''} to ${maximum ?? ''}`;
  const shown =
    preset === undefined || preset === null || preset === '' ? '' : ` (default ${JSON.stringify(preset)}${range})`;
  return `${description === '' ? label : description}${shown}`;
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
      return text;
  }
}

function numberOf({ flag, kind }: OptionField, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`--${flag}: ${JSON.stringify(text)} is no number`);
  if (kind === 'integer' && !Number.isInteger(value)) throw new UsageError(`--${flag}: ${text} is not a whole number`);
  return value;
}

function booleanOf({ flag }: OptionField, text: string): boolean {
  if (/^(yes|true|1)$/i.test(text)) return true;
  if (/^(no|false|0)$/i.test(text)) return false;
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is neither yes nor no: write --${flag}=yes, or put the flag behind the target`,
  );
}

/** Reads the given flags with the probe's schema. @throws UsageError that names the flag. */
export function parseOptions(schema: OptionsSchema, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  const field = optionFields(schema).find((candidate) => candidate.name === name);
  throw new UsageError(`--${field?.flag ?? name}: ${reasonFor(field, given[name], issue?.message)}`);
}

function reasonFor(field: OptionField | undefined, value: unknown, message = 'is wrong'): string {
  if (field?.kind === 'choice') return `${JSON.stringify(value)} is none of ${field.choices.join(', ')}`;
  if (field?.minimum === undefined || field.maximum === undefined || typeof value !== 'number') return message;
  return `${value} is out of range: ${field.minimum} to ${field.maximum}`;
}
