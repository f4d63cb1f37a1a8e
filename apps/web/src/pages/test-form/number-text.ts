/** What a number that the user types must be. */
export interface NumberRule {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly whole?: boolean;
  readonly unit?: string;
}

/** A typed number: `value` null where nothing was typed, `wrong` in words where it breaks its rule. */
export interface ReadNumber {
  readonly value: number | null;
  readonly wrong: string | null;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a number as it was typed. It changes nothing: what breaks the rule is wrong, whatever it is near to. */
export function readNumber(text: string, { minimum, maximum, whole, unit }: NumberRule): ReadNumber {
  const typed = text.trim();
  if (typed === '') return { value: null, wrong: null };
  const value = NUMBER.test(typed) ? Number(typed) : Number.NaN;
  const wrong = (words: string): ReadNumber => ({ value: null, wrong: words });
  const bound = (number: number) => `${digitsOf(number)}${unit === undefined ? '' : ` ${unit}`}`;
  if (/^\d+,\d+$/.test(typed)) return wrong(`“${typed}” has a comma: write a point, and no separators`);
  if (!Number.isFinite(value)) return wrong(`“${typed}” is not a number`);
  if (whole === true && !Number.isInteger(value)) return wrong(`${typed} is not a whole number`);
  if (minimum !== undefined && value < minimum) return wrong(`${typed} is too low: at least ${bound(minimum)}`);
  if (maximum !== undefined && value > maximum) return wrong(`${typed} is too high: at most ${bound(maximum)}`);
  return { value, wrong: null };
}

/** The rule as a hint: `1 to 1,000 s`. Empty where any number passes. */
export function ruleText({ minimum, maximum, unit }: NumberRule): string {
  const range = rangeText(minimum, maximum);
  return range === '' || unit === undefined ? range : `${range} ${unit}`;
}

function rangeText(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `${digitsOf(minimum)} to ${digitsOf(maximum)}`;
  if (minimum !== undefined) return `from ${digitsOf(minimum)}`;
  return maximum === undefined ? '' : `up to ${digitsOf(maximum)}`;
}

const digitsOf = (number: number): string => number.toLocaleString('en', { maximumFractionDigits: 6 });
