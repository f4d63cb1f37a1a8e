import { formatParts, formatValue, type Unit } from '@netsonde/metrics';

/** Labels for the ticks of an axis: all in one unit, with enough decimals to distinguish them. */
export function scaledTexts(splits: readonly number[], unit: Unit | undefined): string[] {
  const scale = scaleOf(largestOf(splits), unit);
  if (scale === null) return splits.map((split) => formatValue(split, unit));
  const { factor, symbol } = scale;
  const decimals = decimalsFor(splits.map((split) => split / factor));
  return splits.map((split) => [fixed(split / factor, decimals), symbol].filter(Boolean).join(' '));
}

/** Values between `low` and `high` that are round in their unit: 1.5 KiB, not 1,500 bytes. */
export function niceSplits(low: number, high: number, unit: Unit | undefined): number[] {
  const { factor } = scaleOf(largestOf([low, high]), unit) ?? { factor: 1 };
  return roundSplits(low / factor, high / factor).map((split) => split * factor);
}

const STEPS = [1, 2, 2.5, 5, 10];
const WANTED_SPLITS = 4;

function roundSplits(low: number, high: number): number[] {
  const rough = (high - low) / WANTED_SPLITS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The unit that `largest` is shown in, and its size; null: values are shown in two units, or are all 0. */
function scaleOf(largest: number, unit: Unit | undefined): { readonly factor: number; readonly symbol: string } | null {
  if (largest === 0) return null;
  const { digits, symbol } = formatParts(largest, unit);
  const shown = Number(digits.replaceAll(',', ''));
  return Number.isFinite(shown) && shown !== 0 ? { factor: stepOf(largest / shown, symbol), symbol } : null;
}

/** The exact size of one shown unit: the digits that it is derived from are rounded. */
const stepOf = (about: number, symbol: string): number =>
  /^[KMGTP]iB/.test(symbol) ? 1024 ** Math.round(Math.log2(about) / 10) : 10 ** Math.round(Math.log10(about));

function decimalsFor(values: readonly number[]): number {
  const [first, second] = values;
  if (first === undefined || second === undefined || first === second) return 2;
  const step = Math.abs(second - first);
  let decimals = 0;
  while (
    decimals < 6 &&
    Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * 10 ** decimals * step
  )
    decimals += 1;
  return decimals;
}

function fixed(value: number, decimals: number): string {
  const [whole = '', part] = value.toFixed(decimals).split('.');
  if (Number(value.toFixed(decimals)) === 0) return '0';
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part === undefined ? grouped : `${grouped}.${part}`;
}
