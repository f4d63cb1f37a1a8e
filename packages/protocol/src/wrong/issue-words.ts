import type { z } from 'zod';
import { boundsOf, formatOf, inBounds } from './bounds.ts';

type Issue = z.core.$ZodRawIssue;

/** What a format wants, after "give". */
const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'an instant as 2027-01-31T08:00:00Z, or with an offset as 2027-01-31T10:00:00+02:00',
  base64url: 'a text in base64url (letters, digits, "-" and "_")',
  url: 'a URL, as https://example.org/',
};

/**
 * Words a schema's issues for people: what is wrong with the value and what to give instead. Hand it to a schema as
 * `safeParse(value, { error: issueWords })`; what a schema says itself goes first. A value is repeated only where a
 * choice was to be made: others may be secrets.
 */
export function issueWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${isFraction(issue) ? 'is no whole number' : kindOf(issue.input)}: give ${wanted(issue.expected, issue)}`;
    case 'too_small':
      return `${isEmpty(issue.input) ? 'is empty' : `is too ${small(issue.origin)}`}: give ${wanted(issue.origin, issue)}`;
    case 'too_big':
      return `is too ${large(issue.origin)}: give ${wanted(issue.origin, issue)}`;
    case 'invalid_value':
      return `${choiceOf(issue.input)}: give ${choices(issue.values)}`;
    case 'invalid_format':
      return formatWords(issue);
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.map(shown).join(', ')}: leave it out`;
    case 'invalid_union':
      return unionWords(issue);
    case 'not_multiple_of':
      return `give a multiple of ${issue.divisor}`;
    default:
      return 'is not what is taken here';
  }
}

function formatWords({ format, input }: Extract<Issue, { code: 'invalid_format' }>): string {
  const wants = FORMATS[format];
  if (wants === undefined) return 'is not written in the form that is taken here';
  const plusLost = format === 'datetime' && / \d\d:\d\d$/.test(String(input));
  return `give ${wants}${plusLost ? '; in a query the + is written as %2B' : ''}`;
}

/** What a value is, as the beginning of a sentence about a field. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (Array.isArray(value)) return 'is a list';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'is empty' : 'is a text';
    case 'number':
      return Number.isFinite(value) ? 'is a number' : 'is no finite number';
    case 'boolean':
      return 'is true or false';
    default:
      return 'is an object';
  }
}

const choiceOf = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? `is ${shown(value)}` : kindOf(value);

const LONGEST_SHOWN = 40;

function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text);
}

function wanted(type: string, issue: Issue): string {
  switch (type) {
    case 'string':
      return FORMATS[formatOf(issue) ?? ''] ?? inBounds('a text of', boundsOf(issue), 'characters') ?? 'a text';
    case 'int':
    case 'number':
      return numberWords(issue);
    case 'array':
    case 'tuple':
      return inBounds('a list of', boundsOf(issue), 'items') ?? 'a list';
    case 'boolean':
      return 'true or false';
    case 'record':
    case 'object':
      return 'an object';
    default:
      return type;
  }
}

function numberWords(issue: Issue): string {
  const bounds = boundsOf(issue);
  const kind = bounds.whole ? 'a whole number' : 'a number';
  return inBounds(`${kind} from`, bounds) ?? kind;
}

const isFraction = ({ expected, input }: Extract<Issue, { code: 'invalid_type' }>): boolean =>
  expected === 'int' && typeof input === 'number';
const isEmpty = (input: unknown): boolean => (typeof input === 'string' || Array.isArray(input)) && input.length === 0;
const small = (origin: string): string => (origin === 'number' || origin === 'int' ? 'small' : 'short');
const large = (origin: string): string => (origin === 'number' || origin === 'int' ? 'large' : 'long');

function choices(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length === 1 ? (texts[0] ?? '') : `one of ${texts.join(', ')}`;
}

/** A value of the wrong kind for all branches gets what each takes; otherwise the branch that fits best answers. */
function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const {
    discriminator,
    options,
    errors = [],
    input,
  } = issue as typeof issue & {
    discriminator?: string;
    options?: readonly unknown[];
  };
  if (discriminator !== undefined && options !== undefined)
    return `${choiceOf((input as Record<string, unknown>)[discriminator])}: give ${choices(options)}`;
  const firsts = errors.flatMap(([first]) => (first === undefined ? [] : [first]));
  const closest = firsts.find(({ code, path }) => code !== 'invalid_type' || path.length > 0);
  if (closest !== undefined) return closest.message;
  return `${kindOf(input)}: give ${[...new Set(firsts.map(({ message }) => message.split(': give ').at(-1)))].join(', or ')}`;
}
