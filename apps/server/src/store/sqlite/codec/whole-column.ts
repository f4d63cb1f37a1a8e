import { bitsOf, packBits, packedSize, unpackBits } from './bit-pack.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

const DELTAS = 64;

/**
 * Writes whole numbers (each smaller than 2^50 in size): as offsets from the smallest, or the steps between them where
 * those need fewer bits, packed at the width that costs least; the few that do not fit that width stand apart.
 */
export function writeWhole(out: ByteWriter, values: Float64Array): void {
  const first = values[0] ?? 0;
  const plain = planOf(values);
  const steps = stepsOf(values);
  const stepped = planOf(steps);
  const delta = values.length > 1 && stepped.bytes < plain.bytes;
  const plan = delta ? stepped : plain;
  out.byte(plan.width + (delta ? DELTAS : 0));
  if (delta) out.signed(first);
  writePlan(out, plan);
}

export function readWhole(input: ByteReader, count: number): Float64Array {
  const form = input.byte();
  const width = form & 63;
  if ((form & DELTAS) === 0) return readPlan(input, count, width);
  const values = new Float64Array(count);
  let value = input.signed();
  const steps = readPlan(input, count - 1, width);
  values[0] = value;
  for (let i = 1; i < count; i += 1) {
    value += steps[i - 1] ?? 0;
    values[i] = value;
  }
  return values;
}

function stepsOf(values: Float64Array): Float64Array {
  const steps = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < steps.length; i += 1) steps[i] = (values[i + 1] ?? 0) - (values[i] ?? 0);
  return steps;
}

interface Plan {
  readonly base: number;
  readonly width: number;
  readonly offsets: Float64Array;
  readonly exceptions: readonly number[];
  /** About what it takes. */
  readonly bytes: number;
}

function planOf(values: Float64Array): Plan {
  const base = values.length === 0 ? 0 : commonBase(values);
  const offsets = new Float64Array(values.length);
  const histogram = new Uint32Array(64);
  for (let i = 0; i < values.length; i += 1) {
    const offset = (values[i] ?? 0) - base;
    const zigzag = offset < 0 ? Number.POSITIVE_INFINITY : offset;
    offsets[i] = offset;
    const bits = zigzag === Number.POSITIVE_INFINITY ? 63 : bitsOf(offset);
    histogram[bits] = (histogram[bits] ?? 0) + 1;
  }
  let width = 53;
  let bytes = Number.POSITIVE_INFINITY;
  let beyond = histogram[63] ?? 0;
  for (let bits = 53; bits >= 0; bits -= 1) {
    const cost = packedSize(values.length, bits) + beyond * 7;
    if (cost <= bytes) {
      bytes = cost;
      width = bits;
    }
    beyond += histogram[bits] ?? 0;
  }
  const exceptions: number[] = [];
  const limit = 2 ** width;
  for (let i = 0; i < offsets.length; i += 1) {
    const offset = offsets[i] ?? 0;
    if (offset < 0 || offset >= limit) exceptions.push(i);
  }
  return { base, width, offsets, exceptions, bytes };
}

/** The smallest value, unless most values are one and the same: then that one, so that the rest stand apart. */
function commonBase(values: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let candidate = 0;
  let votes = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (votes === 0) candidate = value;
    votes += value === candidate ? 1 : -1;
  }
  let same = 0;
  for (const value of values) if (value === candidate) same += 1;
  return same * 10 > values.length * 8 ? candidate : low;
}

function writePlan(out: ByteWriter, { base, width, offsets, exceptions }: Plan): void {
  out.signed(base);
  out.varint(exceptions.length);
  let before = 0;
  for (const place of exceptions) {
    out.varint(place - before);
    out.signed(offsets[place] ?? 0);
    offsets[place] = 0;
    before = place;
  }
  if (width > 0) out.raw(packBits(offsets, width));
}

function readPlan(input: ByteReader, count: number, width: number): Float64Array {
  const base = input.signed();
  const places: number[] = [];
  const apart: number[] = [];
  let place = 0;
  for (let left = input.varint(); left > 0; left -= 1) {
    place += input.varint();
    places.push(place);
    apart.push(input.signed());
  }
  const values = unpackBits(input.raw(packedSize(count, width)), count, width);
  for (let i = 0; i < places.length; i += 1) values[places[i] ?? 0] = apart[i] ?? 0;
  for (let i = 0; i < count; i += 1) values[i] = (values[i] ?? 0) + base;
  return values;
}
