import { symbolOf, type Unit } from './units.ts';

/** A value ready to print: the digits and the symbol of the (scaled) unit; the symbol is empty where there is none. */
export interface FormattedValue {
  readonly digits: string;
  readonly symbol: string;
}

/** Steps of a scale from small to large: how many base units one step is, and its symbol. */
type Scale = readonly (readonly [number, string])[];

const TIME_IN_MS: Scale = [
  [1e-6, 'ns'],
  [1e-3, 'µs'],
  [1, 'ms'],
  [1e3, 's'],
];

const SCALES: Partial<Record<Unit, Scale>> = {
  bps: decimal('bit/s', 1e12),
  w: [[1e-3, 'mW'], ...decimal('W', 1e6)],
  j: decimal('J', 1e9),
  hz: decimal('Hz', 1e9),
  bytes: binary('B'),
  bytes_per_s: binary('B/s'),
};

function decimal(symbol: string, upTo: number): Scale {
  const steps: Scale = [
    [1, ''],
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
    [1e12, 'T'],
  ];
  return steps.filter(([factor]) => factor <= upTo).map(([factor, prefix]) => [factor, prefix + symbol]);
}

function binary(symbol: string): Scale {
  return ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'].map((prefix, power) => [1024 ** power, prefix + symbol]);
}

/**
 * A value for people, with three significant digits: `43.2 µs`, `12.3 ms`, `1.50 s`, `94.1 Mbit/s` (decimal steps),
 * `1.50 KiB` (binary steps), `0.10 %`. Spans of two minutes and more are in two parts: `3 h 20 min`. A share that is
 * not quite none or not quite all is never rounded to it: `<0.01 %`, `>99.99 %`. Without a unit a whole number is
 * grouped (`12,345`). The decimal point is a point. A value that is not finite is no measurement and throws.
 * @throws RangeError when the value is not finite: print why it is absent instead.
 */
export function formatValue(value: number, unit?: Unit): string {
  const { digits, symbol } = formatParts(value, unit);
  if (symbol === '') return digits;
  return symbol === '/s' ? `${digits}${symbol}` : `${digits} ${symbol}`;
}

/** The same in two parts, for places that set the unit in smaller type. */
export function formatParts(value: number, unit?: Unit): FormattedValue {
  if (!Number.isFinite(value)) throw new RangeError(`a value to print must be finite, got ${value}`);
  switch (unit) {
    case 'ms':
      return formatTime(value);
    case 's':
      return formatTime(value * 1000);
    case 'pct':
      return { digits: formatShare(value), symbol: symbolOf(unit) };
    case 'days':
      return { digits: formatPlain(value), symbol: Math.abs(value) === 1 ? 'day' : symbolOf(unit) };
    case 'celsius':
    case 'dbm':
      return { digits: fixed(value, Number.isInteger(value) ? 0 : 1), symbol: symbolOf(unit) };
    case undefined:
      return { digits: formatPlain(value), symbol: '' };
    default: {
      const scale = SCALES[unit];
      return scale === undefined ? { digits: formatPlain(value), symbol: symbolOf(unit) } : formatScaled(value, scale);
    }
  }
}

const SECOND_MS = 1000;
const SPAN_PARTS: readonly (readonly [number, string, number, string])[] = [
  [86_400, 'd', 3600, 'h'],
  [3600, 'h', 60, 'min'],
  [60, 'min', 1, 's'],
];

function formatTime(ms: number): FormattedValue {
  if (ms === 0) return { digits: '0', symbol: 'ms' };
  if (Math.abs(ms) < 120 * SECOND_MS) return formatScaled(ms, TIME_IN_MS, false);
  const sign = ms < 0 ? '-' : '';
  const seconds = Math.round(Math.abs(ms) / SECOND_MS);
  const [large, largeSymbol, small, smallSymbol] = SPAN_PARTS.find(([size]) => seconds >= size) ?? [60, 'min', 1, 's'];
  const smalls = Math.round(seconds / small);
  const whole = Math.floor((smalls * small) / large);
  return { digits: `${sign}${whole} ${largeSymbol} ${smalls - (whole * large) / small}`, symbol: smallSymbol };
}

/**
 * The largest step that leaves at least 1 after rounding, so that 999.7 µs prints as 1.00 ms. `wholeAsIs`: a whole
 * number of base units prints without decimals (512 B), as a measured time does not (5.00 ms).
 */
function formatScaled(value: number, scale: Scale, wholeAsIs = true): FormattedValue {
  const reached = scale.filter(([factor]) => Math.abs(Number((value / factor).toPrecision(3))) >= 1);
  const [factor, symbol] = reached.at(-1) ?? scale.find(([step]) => value === 0 && step === 1) ?? scale[0] ?? [1, ''];
  const scaled = value / factor;
  const isWhole = wholeAsIs && factor === 1 && Number.isInteger(value);
  return { digits: isWhole || value === 0 ? grouped(value) : significant(scaled), symbol };
}

function significant(value: number): string {
  const magnitude = Math.abs(Number(value.toPrecision(3)));
  if (magnitude >= 100) return grouped(Math.round(value));
  if (magnitude >= 10) return fixed(value, 1);
  if (magnitude >= 1) return fixed(value, 2);
  return String(Number(value.toPrecision(3)));
}

function formatPlain(value: number): string {
  return Number.isInteger(value) ? grouped(value) : significant(value);
}

function formatShare(pct: number): string {
  if (pct === 0 || pct === 100) return String(pct);
  if (pct > 0 && pct < 0.01) return '<0.01';
  if (pct > 99.99 && pct < 100) return '>99.99';
  const isNearEnd = Math.abs(pct) < 1 || (pct > 99 && pct < 100);
  return fixed(pct, isNearEnd ? 2 : 1);
}

/** Fixed decimals without a minus before zero. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function grouped(whole: number): string {
  return fixed(whole, 0).replace(/\B(?=(\d{3})+$)/g, ',');
}
