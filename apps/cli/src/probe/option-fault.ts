import type { OptionField } from '@netsonde/probes/catalog';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with a flag's value, and what to write instead. */
export function optionFault(field: OptionField | undefined, value: unknown, issue: Issue | undefined): string {
  if (issue === undefined) return 'it cannot be used';
  const [, place] = issue.path;
  const given = typeof place === 'number' && Array.isArray(value) ? value[place] : value;
  const range = field === undefined ? null : rangeOf(field);
  if (field?.kind === 'choice') return `${JSON.stringify(given)} is none of ${field.choices.join(', ')}`;
  if (typeof given === 'number' && range !== null) return `${given} is out of range: ${range}`;
  return `${shortly(given)}${lengthFault(issue, given) ?? ownWords(issue)}`;
}

/** "1 to 10", "1 or more", "10 or less"; null: no bound. */
export function rangeOf({ minimum, maximum }: OptionField): string | null {
  if (minimum === undefined) return maximum === undefined ? null : `${maximum} or less`;
  return maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`;
}

/** The value as the user wrote it, where that helps. */
function shortly(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > 60) return '';
  return `${JSON.stringify(value)}: `;
}

function lengthFault(issue: Issue, value: unknown): string | null {
  if (issue.code === 'too_small' && value === '') return 'it is empty: write a text, or leave the flag out';
  if (issue.code === 'too_big' && Array.isArray(value))
    return `it is given ${value.length} times: ${issue.maximum} at most`;
  if (issue.code === 'too_big' && typeof value === 'string')
    return `it has ${value.length} characters: ${issue.maximum} at most`;
  if (issue.code === 'too_small' && typeof value === 'string')
    return `it has ${value.length} characters: ${issue.minimum} at least`;
  return null;
}

/** The probe's message for this fault. Where it has none, the message of its schema is not meant for people. */
function ownWords({ message }: Issue): string {
  return /^(Invalid|Too (small|big)|Unrecognized)\b/.test(message)
    ? 'it cannot be read: see what --help says of this flag'
    : message;
}
