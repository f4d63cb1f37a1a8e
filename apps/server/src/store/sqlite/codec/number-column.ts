import { bitsOf, packBits, packedSize, unpackBits } from './bit-pack.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { decimalsOf, isExactAt, MAX_DECIMALS, powerOf } from './exact-scale.ts';
import { readWhole, writeWhole } from './whole-column.ts';

/** Forms of a column; 0 to 6: whole numbers of that many decimals. */
const SAME = 7;
const DOUBLES = 8;
const DICTIONARY = 9;
const SAME_WHOLE = 10;
/** Whole numbers of the smallest step that doubles of their size have: for doubles of one binary order of magnitude. */
const BINARY = 11;

/** Writes numbers so that each comes back to the last bit. */
export function writeNumbers(out: ByteWriter, values: Float64Array): void {
  const decimals = commonDecimals(values);
  if (decimals === 0 && values.every((value) => value === values[0])) {
    out.byte(SAME_WHOLE);
    out.signed(values[0] ?? 0);
    return;
  }
  if (decimals <= MAX_DECIMALS) {
    const power = powerOf(decimals);
    out.byte(decimals);
    writeWhole(
      out,
      values.map((value) => Math.round(value * power)),
    );
    return;
  }
  const distinct = distinctOf(values);
  if (distinct.length === 1) {
    out.byte(SAME);
    out.double(values[0] ?? 0);
  } else if (distinct.length * 3 < values.length) writeDictionary(out, values, distinct);
  else writeDoubles(out, values);
}

export function readNumbers(input: ByteReader, count: number): Float64Array {
  const form = input.byte();
  if (form <= MAX_DECIMALS) {
    const power = powerOf(form);
    const whole = readWhole(input, count);
    if (form > 0) for (let i = 0; i < count; i += 1) whole[i] = (whole[i] ?? 0) / power;
    return whole;
  }
  if (form === SAME_WHOLE) return new Float64Array(count).fill(input.signed());
  if (form === BINARY) return readBinary(input, count);
  if (form === SAME) return new Float64Array(count).fill(input.double());
  if (form === DICTIONARY) return readDictionary(input, count);
  if (form !== DOUBLES) throw new RangeError(`a stored column is of the unknown form ${form}: the database is damaged`);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) values[i] = input.double();
  return values;
}

function writeDoubles(out: ByteWriter, values: Float64Array): void {
  const step = binaryStep(values);
  if (step === null) {
    out.byte(DOUBLES);
    for (const value of values) out.double(value);
    return;
  }
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const steps = values.map((value) => (value - low) / step);
  const width = bitsOf(steps.reduce((most, value) => Math.max(most, value), 0));
  out.byte(BINARY);
  out.double(low);
  out.double(step);
  out.byte(width);
  out.raw(packBits(steps, width));
}

function readBinary(input: ByteReader, count: number): Float64Array {
  const low = input.double();
  const step = input.double();
  const width = input.byte();
  return unpackBits(input.raw(packedSize(count, width)), count, width).map((steps) => low + steps * step);
}

/**
 * The step between doubles where all values lie between one power of two and the next: differences of such values are
 * whole multiples of it, and adding them up again is exact. null where the values are spread wider, or not above 0.
 */
function binaryStep(values: Float64Array): number | null {
  const order = Math.floor(Math.log2(values[0] ?? 0));
  const floor = 2 ** order;
  const step = 2 ** (order - 52);
  return order > -900 && order < 900 && values.every((value) => value >= floor && value < floor * 2) ? step : null;
}

/** Fewest decimals at which all values are exact; MAX_DECIMALS + 1 where there are none. */
function commonDecimals(values: Float64Array): number {
  let decimals = 0;
  for (let i = 0; i < values.length && decimals <= MAX_DECIMALS; i += 1)
    decimals = decimalsOf(values[i] ?? 0, decimals);
  // A large value may be exact at the decimals that it needs, and too large at those that a later one needs.
  return decimals <= MAX_DECIMALS && values.every((value) => isExactAt(value, decimals)) ? decimals : MAX_DECIMALS + 1;
}

/** Distinct doubles, -0 and 0 apart; gives up (an array as long as the values) once they are too many to be worth it. */
function distinctOf(values: Float64Array): readonly number[] {
  const distinct: number[] = [];
  for (const value of values) {
    if (distinct.some((known) => Object.is(known, value))) continue;
    distinct.push(value);
    if (distinct.length > 16) return Array.from(values);
  }
  return distinct;
}

function writeDictionary(out: ByteWriter, values: Float64Array, distinct: readonly number[]): void {
  out.byte(DICTIONARY);
  out.byte(distinct.length);
  for (const value of distinct) out.double(value);
  const places = values.map((value) => distinct.findIndex((known) => Object.is(known, value)));
  out.raw(packBits(places, bitsOf(distinct.length - 1)));
}

function readDictionary(input: ByteReader, count: number): Float64Array {
  const size = input.byte();
  const distinct: number[] = [];
  for (let i = 0; i < size; i += 1) distinct.push(input.double());
  const width = bitsOf(size - 1);
  return unpackBits(input.raw(packedSize(count, width)), count, width).map((place) => distinct[place] ?? Number.NaN);
}
