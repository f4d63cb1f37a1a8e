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

/** A check as a body brings it, before anything of it is validated. */
interface RawCheck {
  readonly probe: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A check's options as anybody may see them; of a probe that this server does not know nothing is shown. */
export function shownOptions(
  catalog: Catalog,
  probe: string,
  options: Options,
): { -readonly [Name in keyof Options]: Options[Name] } {
  const descriptor = catalog[probe];
  return descriptor === undefined ? {} : { ...(hideSecrets(descriptor, options) as Options) };
}

/**
 * A test's body with the secrets put back that it left as they were shown. Each check takes them from the standing check
 * that it came from: the one that looks the same, else the one at its place, else another of the same probe.
 * What is no test at all is passed on as it is, to be refused by its schema.
 * @throws ApiProblem 422 where there is no secret to keep
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

/** The standing check that each of the body's came from. */
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

/** What a check looks like with its secrets hidden and its defaults filled in; null where that cannot be told. */
function lookOf(catalog: Catalog, { probe, options }: RawCheck): string | null {
  const descriptor = descriptorOf(catalog, probe);
  const read = descriptor?.options.safeParse(hideSecrets(descriptor, options));
  return read?.success === true ? identityOf(catalog, probe, read.data as Options) : null;
}

/** The name comes from outside: one that every object has is no probe. */
const descriptorOf = (catalog: Catalog, probe: string): ProbeDescriptor | undefined =>
  Object.hasOwn(catalog, probe) ? catalog[probe] : undefined;

const probeOf = (check: unknown): unknown => (isRawCheck(check) ? check.probe : undefined);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRawCheck = (check: unknown): check is RawCheck =>
  isObject(check) && typeof check.probe === 'string' && isObject(check.options);
