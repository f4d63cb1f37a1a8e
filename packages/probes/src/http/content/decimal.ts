/** A JSON number in parts that can be compared exactly: 0.d1d2d3... times ten to the power. */
interface Decimal {
  readonly negative: boolean;
  /** Without zeros at either end; empty: zero. */
  readonly digits: string;
  readonly power: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function decimalOf(text: string): Decimal {
  const [, sign, whole = '', part = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const all = whole + part;
  let from = 0;
  let to = all.length;
  while (from < to && all[from] === '0') from += 1;
  while (to > from && all[to - 1] === '0') to -= 1;
  return { negative: sign === '-', digits: all.slice(from, to), power: whole.length - from + Number(exponent) };
}

/** Compares two numbers of JSON exactly, however large and however fine: below zero, zero or above. */
export function compareDecimals(one: string, other: string): number {
  const a = decimalOf(one);
  const b = decimalOf(other);
  const signs = signOf(a) - signOf(b);
  if (signs !== 0) return signs;
  const magnitudes = a.power === b.power || a.digits === '' ? order(a.digits, b.digits) : a.power - b.power;
  // Subtracted from zero: equal numbers are 0, never -0.
  return a.negative ? 0 - magnitudes : magnitudes;
}

const signOf = ({ negative, digits }: Decimal): number => (digits === '' ? 0 : negative ? -1 : 1);

/** Digits after the point compare like strings. */
const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
