import {
  type Catalog,
  hideSecrets,
  keepSecrets,
  type ProbeDescriptor,
  SECRET_KEPT,
  SecretMissing,
} from '@netsonde/probes/catalog';
import type { WrongField } from '@netsonde/protocol';
import { invalid } from '../api/problem.ts';
import { identityOf } from './match-checks.ts';
import type { Options, PlannedCheck } from './model.ts';

/** A check as the request body holds it, before validation. */
interface RawCheck {
  readonly probe: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A check's options with their secrets hidden. For a probe that this server does not know, no option is shown. */
export function shownOptions(
  catalog: Catalog,
  probe: string,
  options: Options,
): { -readonly [Name in keyof Options]: Options[Name] } {
  const descriptor = catalog[probe];
  return descriptor === undefined ? {} : { ...(hideSecrets(descriptor, options) as Options) };
}

/**
 * Replaces the secret placeholders in a test's body by the stored secrets. Each check takes them from the stored check
 * that it was edited from: the one with equal options, else the one at the same index, else another of the same probe.
 * A body that is not a test is returned unchanged, and the schema refuses it.
 * @throws ApiProblem 422 if a placeholder has no stored secret
 */
export function withKeptSecrets(catalog: Catalog, standing: readonly PlannedCheck[], body: unknown): unknown {
  if (!JSON.stringify(body ?? null).includes(SECRET_KEPT) || !isObject(body) || !Array.isArray(body.checks))
    return body;
  const checks: readonly unknown[] = body.checks;
  const partners = pair(catalog, standing, checks);
  const wrong: WrongField[] = [];
  const kept = checks.map((check, index) => {
    const descriptor = isRawCheck(check) ? descriptorOf(catalog, check.probe) : undefined;
    if (!isRawCheck(check) || descriptor === undefined) return check;
    try {
      return { ...check, options: keepSecrets(descriptor, partners[index]?.options ?? {}, check.options) };
    } catch (error) {
      if (!(error instanceof SecretMissing)) throw error;
      wrong.push({ path: `checks[${index}].options.${error.field}`, message: error.message });
      return check;
    }
  });
  if (wrong.length > 0) throw invalid(wrong);
  return { ...body, checks: kept };
}

/** The stored check that each check of the body was edited from. */
function pair(
  catalog: Catalog,
  standing: readonly PlannedCheck[],
  checks: readonly unknown[],
): readonly (PlannedCheck | undefined)[] {
  const free = new Set(standing);
  const take = (found: PlannedCheck | undefined) => {
    if (found !== undefined) free.delete(found);
    return found;
  };
  const looks = new Map(standing.map((check) => [check, lookOf(catalog, check)]));
  const alike = checks.map((check) => {
    const look = isRawCheck(check) ? lookOf(catalog, check) : null;
    return take([...free].find((one) => look !== null && looks.get(one) === look));
  });
  const placed = alike.map((found, index) => {
    const there = standing[index];
    return (
      found ??
      take(there !== undefined && free.has(there) && there.probe === probeOf(checks[index]) ? there : undefined)
    );
  });
  return placed.map((found, index) => found ?? take([...free].find(({ probe }) => probe === probeOf(checks[index]))));
}

/** A check with its secrets hidden and its defaults filled in. null: the check cannot be read. */
function lookOf(catalog: Catalog, { probe, options }: RawCheck): string | null {
  const descriptor = descriptorOf(catalog, probe);
  const read = descriptor?.options.safeParse(hideSecrets(descriptor, options));
  return read?.success === true ? identityOf(catalog, probe, read.data as Options) : null;
}

/** The name is user input: a property that every object inherits is not a probe. */
const descriptorOf = (catalog: Catalog, probe: string): ProbeDescriptor | undefined =>
  Object.hasOwn(catalog, probe) ? catalog[probe] : undefined;

const probeOf = (check: unknown): unknown => (isRawCheck(check) ? check.probe : undefined);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRawCheck = (check: unknown): check is RawCheck =>
  isObject(check) && typeof check.probe === 'string' && isObject(check.options);
