/** Every unit that a measurement can have. Counts, codes, booleans and texts have none. */
export const UNITS = Object.freeze([
  'ms',
  's',
  'days',
  'pct',
  'bps',
  'bytes',
  'bytes_per_s',
  'per_s',
  'w',
  'j',
  'celsius',
  'hz',
  'rpm',
  'dbm',
  'ppm',
] as const);

/**
 * Unit of a metric, and with an underscore before it the end of the metric's id: times in ms, rates in bit/s, sizes in
 * bytes, shares in percent (0 to 100). `s` is for spans that are hours long (uptime), `rpm` for turns of a fan and
 * round trips per minute.
 */
export type Unit = (typeof UNITS)[number];

interface UnitFacts {
  /** Symbol after a value that is not scaled. */
  readonly symbol: string;
  /** Name for people, in a sentence or on an axis. */
  readonly label: string;
}

const FACTS: Readonly<Record<Unit, UnitFacts>> = Object.freeze({
  ms: { symbol: 'ms', label: 'milliseconds' },
  s: { symbol: 's', label: 'seconds' },
  days: { symbol: 'days', label: 'days' },
  pct: { symbol: '%', label: 'percent' },
  bps: { symbol: 'bit/s', label: 'bits per second' },
  bytes: { symbol: 'B', label: 'bytes' },
  bytes_per_s: { symbol: 'B/s', label: 'bytes per second' },
  per_s: { symbol: '/s', label: 'per second' },
  w: { symbol: 'W', label: 'watts' },
  j: { symbol: 'J', label: 'joules' },
  celsius: { symbol: '°C', label: 'degrees Celsius' },
  hz: { symbol: 'Hz', label: 'hertz' },
  rpm: { symbol: 'rpm', label: 'per minute' },
  dbm: { symbol: 'dBm', label: 'decibels over one milliwatt' },
  ppm: { symbol: 'ppm', label: 'parts per million' },
});

/** What a metric's id ends in after the underscore: `rtt_avg_ms` has the suffix `ms`. */
export function suffixOf(unit: Unit): string {
  return unit;
}

/** Symbol that stands after a value that is not scaled: `ms`, `%`, `bit/s`. */
export function symbolOf(unit: Unit): string {
  return FACTS[unit].symbol;
}

/** Name for people: `milliseconds`, `bits per second`. */
export function labelOf(unit: Unit): string {
  return FACTS[unit].label;
}

/**
 * True when a metric's id says its unit: the id is the suffix, or ends in an underscore and the suffix. For days
 * `days_left` will do as well, as in `certificate_days_left`.
 */
export function idSaysUnit(id: string, unit: Unit): boolean {
  const endings = unit === 'days' ? ['days', 'days_left'] : [suffixOf(unit)];
  return endings.some((ending) => id === ending || id.endsWith(`_${ending}`));
}
