/** An object as JSON gives it. */
export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

export const isShare = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

export const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most;

/** The first key that is not of these; undefined where all are known. */
export function strangeKey(value: Fields, known: ReadonlySet<string>): string | undefined {
  for (const key in value) if (!known.has(key)) return key;
  return undefined;
}

const METRIC_ID = /^[a-z][a-z0-9_]{0,63}$/;
const KNOWN_IDS = new Set<string>();

/** A metric's id: snake_case, at most 64 characters. Ids that were seen are remembered, since the same few come always. */
export function isMetricId(id: string): boolean {
  if (KNOWN_IDS.has(id)) return true;
  const fits = METRIC_ID.test(id);
  if (fits && KNOWN_IDS.size < 4096) KNOWN_IDS.add(id);
  return fits;
}

const DEEPEST = 100;

/** What is wrong with a JSON value: a number that is too large to be one, or nesting beyond 100 levels. */
export function jsonFault(value: unknown, path: string, depth = 0): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path}: is no finite number`;
  if (typeof value !== 'object' || value === null) return null;
  if (depth > DEEPEST) return `${path}: is nested more than ${DEEPEST} levels deep`;
  for (const key in value) {
    const fault = jsonFault((value as Fields)[key], `${path}.${key}`, depth + 1);
    if (fault !== null) return fault.length > 300 ? `${fault.slice(0, 300)}...` : fault;
  }
  return null;
}
