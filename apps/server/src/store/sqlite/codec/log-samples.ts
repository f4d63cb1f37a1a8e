import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { isExactAt, MAX_DECIMALS, powerOf } from './exact-scale.ts';

const SCALE = powerOf(MAX_DECIMALS);
const NULLS = 8;
const DOUBLES = 16;

/** Writes the samples of one run: offsets from the smallest in as few whole bytes as all of them need. */
export function writeSamples(out: ByteWriter, samples: readonly (number | null)[]): void {
  out.varint(samples.length);
  if (samples.length === 0) return;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let nulls = 0;
  let exact = true;
  for (const sample of samples) {
    if (sample === null) {
      nulls += 1;
      continue;
    }
    exact &&= isExactAt(sample, MAX_DECIMALS);
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  const base = exact && nulls < samples.length ? Math.round(low * SCALE) : 0;
  const width = exact ? bytesFor(nulls < samples.length ? Math.round(high * SCALE) - base : 0) : 7;
  const scaled = width <= 6;
  out.byte((scaled ? width : DOUBLES) + (nulls > 0 ? NULLS : 0));
  if (nulls > 0) writeNulls(out, samples);
  if (scaled) out.signed(base);
  for (const sample of samples) {
    if (sample === null) continue;
    if (!scaled) out.double(sample);
    else if (width > 0) out.fixed(Math.round(sample * SCALE) - base, width);
  }
}

export function readSamples(input: ByteReader): (number | null)[] {
  const count = input.varint();
  if (count === 0) return [];
  const form = input.byte();
  const nulls = (form & NULLS) === 0 ? null : input.raw(Math.ceil(count / 8));
  const scaled = (form & DOUBLES) === 0;
  const width = form & 7;
  const base = scaled ? input.signed() : 0;
  const samples: (number | null)[] = new Array(count);
  for (let i = 0; i < count; i += 1) {
    if (nulls !== null && ((nulls[i >> 3] ?? 0) & (1 << (i & 7))) !== 0) samples[i] = null;
    else if (!scaled) samples[i] = input.double();
    else samples[i] = (base + (width === 0 ? 0 : input.fixed(width))) / SCALE;
  }
  return samples;
}

function writeNulls(out: ByteWriter, samples: readonly (number | null)[]): void {
  for (let start = 0; start < samples.length; start += 8) {
    let bits = 0;
    for (let i = start; i < Math.min(start + 8, samples.length); i += 1)
      if (samples[i] === null) bits |= 1 << (i - start);
    out.byte(bits);
  }
}

function bytesFor(range: number): number {
  let width = 0;
  while (range >= 256 ** width) width += 1;
  return range === 0 ? 0 : width;
}
