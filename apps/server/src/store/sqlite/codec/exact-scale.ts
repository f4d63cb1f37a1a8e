/** Decimals that are tried: up to six, which is one nanosecond of a time in ms. */
export const MAX_DECIMALS = 6;
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
/** Scaled whole numbers stay below this, so that a sign and a tag fit beside them in 53 bits. */
export const MAX_SCALED = 2 ** 49;

export const powerOf = (decimals: number): number => POWERS[decimals] ?? 1;

/** True when the double is exactly `whole number / 10^decimals`, so that the whole number stands for it without rounding. */
export function isExactAt(value: number, decimals: number): boolean {
  const power = POWERS[decimals] ?? 1;
  const scaled = Math.round(value * power);
  return scaled / power === value && Math.abs(scaled) < MAX_SCALED && !Object.is(value, -0);
}

/** Fewest decimals, at least `from`, at which the value is exact; MAX_DECIMALS + 1 where there are none. */
export function decimalsOf(value: number, from = 0): number {
  let decimals = from;
  while (decimals <= MAX_DECIMALS && !isExactAt(value, decimals)) decimals += 1;
  return decimals;
}
