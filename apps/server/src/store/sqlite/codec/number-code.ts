import type { MetricValue } from '@netsonde/probes/catalog';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { isExactAt, MAX_DECIMALS, powerOf } from './exact-scale.ts';

/** The low two bits of a value's first varint say what it is. */
const WHOLE = 0;
const SCALED = 1;
const OTHER = 2;
const PREDICTED = 3;
/** What `OTHER` stands for. */
const DOUBLE = 0;
const TRUE = 1;
const FALSE = 2;
const TEXT = 3;
const SCALE = powerOf(MAX_DECIMALS);

/** Writes one number so that it comes back to the last bit: as a whole number, as one of millionths, or as its 8 bytes. */
export function writeNumber(out: ByteWriter, value: number): void {
  if (isExactAt(value, 0)) out.varint(zigzag(value) * 4 + WHOLE);
  else if (isExactAt(value, MAX_DECIMALS)) out.varint(zigzag(Math.round(value * SCALE)) * 4 + SCALED);
  else {
    out.varint(DOUBLE * 4 + OTHER);
    out.double(value);
  }
}

/** Writes a reference to a formula instead of the number that it gives. */
export const writePrediction = (out: ByteWriter, formula: number): void => out.varint(formula * 4 + PREDICTED);

export function writeValue(out: ByteWriter, value: MetricValue): void {
  if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'boolean') out.varint((value ? TRUE : FALSE) * 4 + OTHER);
  else {
    out.varint(TEXT * 4 + OTHER);
    out.text(JSON.stringify(value));
  }
}

const noFormula = (): number => {
  throw new RangeError('stored bytes name a formula where none can be: the database is damaged');
};

/** Reads a value; a reference to a formula is resolved by `predict`. */
export function readValue(input: ByteReader, predict: (formula: number) => number): MetricValue {
  const code = input.varint();
  const tag = code % 4;
  const rest = (code - tag) / 4;
  if (tag === WHOLE) return unzigzag(rest);
  if (tag === SCALED) return unzigzag(rest) / SCALE;
  if (tag === PREDICTED) return predict(rest);
  if (rest === TEXT) return JSON.parse(input.text()) as string;
  return rest === DOUBLE ? input.double() : rest === TRUE;
}

export function readNumber(input: ByteReader): number {
  const value = readValue(input, noFormula);
  if (typeof value !== 'number')
    throw new RangeError('stored bytes hold no number where one must be: the database is damaged');
  return value;
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
