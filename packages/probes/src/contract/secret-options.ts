import type { ProbeDescriptor } from './descriptor.ts';
import { optionFields } from './option-field.ts';

type Options = Readonly<Record<string, unknown>>;

/** Where a secret is: an option, or the nth line of that name (from 0) in a list of header lines. */
interface Place {
  readonly field: string;
  readonly line?: { readonly name: string; readonly nth: number };
}

/** Replaces a secret wherever options are shown. An edit that sends it back unchanged keeps the stored secret. */
export const SECRET_KEPT = '(secret, kept as it is)';

/** An edit keeps a secret that is not stored; `field` is the option. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
  readonly field: string;
  constructor({ field, line }: Place) {
    const what = line === undefined ? field : `${field} (${line.name})`;
    super(`${what} holds the placeholder of a secret, but there is none to keep: write the value itself`);
    this.field = field;
  }
}

/**
 * The options as users may see them: {@link SECRET_KEPT} replaces each secret that is set. Names of header lines and
 * empty values stay. Accepts both parsed and unparsed options.
 */
export function hideSecrets(descriptor: ProbeDescriptor, options: Options): Options {
  return withSecrets(descriptor, options, (secret) => (secret === '' ? '' : SECRET_KEPT));
}

/**
 * An edit's options, in which stored secrets replace {@link SECRET_KEPT}. The nth header line of a name keeps the value
 * of the stored nth line of that name. Call it before the options are parsed or compared.
 * @param previous what is stored now; {} for a new check
 * @throws SecretMissing where `previous` has no such secret
 */
export function keepSecrets(descriptor: ProbeDescriptor, previous: Options, next: Options): Options {
  const kept = new Map<string, string>();
  withSecrets(descriptor, previous, (secret, place) => {
    kept.set(keyOf(place), secret);
    return secret;
  });
  return withSecrets(descriptor, next, (secret, place) => {
    if (secret !== SECRET_KEPT) return secret;
    const was = kept.get(keyOf(place)) ?? '';
    if (was === '') throw new SecretMissing(place);
    return was;
  });
}

const keyOf = ({ field, line }: Place): string =>
  line === undefined ? field : `${field}: ${line.name.toLowerCase()} ${line.nth}`;

/** A copy of the options with `change` applied to each secret. */
function withSecrets(
  { options: schema }: ProbeDescriptor,
  options: Options,
  change: (secret: string, place: Place) => string,
): Options {
  const changed: Record<string, unknown> = { ...options };
  for (const { name: field, secret } of optionFields(schema)) {
    const value = options[field];
    if (secret === 'value' && typeof value === 'string') changed[field] = change(value, { field });
    if (typeof secret === 'object' && Array.isArray(value)) {
      const counts = new Map<string, number>();
      changed[field] = value.map((line: unknown) =>
        typeof line === 'string'
          ? changedLine(line, secret.linesBut, counts, (of, at) => change(of, { field, line: at }))
          : line,
      );
    }
  }
  return changed;
}

/** `Name: value` with another value; unchanged where the name is not secret. */
function changedLine(
  line: string,
  open: readonly string[],
  counts: Map<string, number>,
  change: (secret: string, at: NonNullable<Place['line']>) => string,
): string {
  const colon = line.indexOf(':');
  const name = colon < 0 ? line : line.slice(0, colon);
  const key = name.trim().toLowerCase();
  if (colon < 0 || open.includes(key)) return line;
  const nth = counts.get(key) ?? 0;
  counts.set(key, nth + 1);
  return `${name}: ${change(line.slice(colon + 1).trim(), { name, nth })}`;
}
