import { formatParts, formatValue, type Unit } from '@netsonde/metrics';

/** Texts for the splits of an axis: all in one unit, with just the decimals that tell them apart. */
export function scaledTexts(splits: readonly number[], unit: Unit | undefined): string[] {
  const largest = splits.reduce((most, split) => Math.max(most, Math.abs(split)), 0);
  if (largest === 0) return splits.map((split) => formatValue(split, unit));
  const { digits, symbol } = formatParts(largest, unit);
  const shown = Number(digits.replaceAll(',', ''));
  if (!Number.isFinite(shown) || shown === 0) return splits.map((split) => formatValue(split, unit));
  const factor = stepOf(largest / shown, symbol);
  const decimals = decimalsFor(splits.map((split) => split / factor));
  return splits.map((split) => [fixed(split / factor, decimals), symbol].filter(Boolean).join(' '));
}

/** How much one shown unit is, exactly: the digits it is guessed from are rounded. */
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
