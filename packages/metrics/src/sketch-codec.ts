import { createSketch, type QuantileSketch } from './quantile-sketch.ts';
import { ByteReader, writeVarint } from './varint.ts';

const FORMAT = 1;

/**
 * The sketch as bytes: format, accuracyPpm, maxBins, zeros, then for each sign the number of buckets, the lowest bucket
 * and its count, and for each further bucket the step to it and its count. All numbers are varints. Ten RTTs take
 * about 30 bytes. Equal sketches give equal bytes.
 */
export function encodeSketch(sketch: QuantileSketch): Uint8Array {
  const bytes: number[] = [FORMAT];
  writeVarint(bytes, sketch.accuracyPpm);
  writeVarint(bytes, sketch.maxBins);
  writeVarint(bytes, sketch.zeros);
  writeBins(bytes, sketch.positive);
  writeBins(bytes, sketch.negative);
  return Uint8Array.from(bytes);
}

/**
 * The sketch that `encodeSketch` wrote.
 * @throws RangeError naming what is wrong with the bytes: cut short, too long, another format, impossible numbers.
 */
export function decodeSketch(bytes: Uint8Array): QuantileSketch {
  const reader = new ByteReader(bytes);
  const format = reader.varint('format');
  if (format !== FORMAT) throw new RangeError(`sketch format must be ${FORMAT}, got ${format}`);
  const sketch = createSketch({ accuracyPpm: reader.varint('accuracyPpm'), maxBins: reader.varint('maxBins') });
  sketch.zeros = reader.varint('zeros');
  readBins(reader, sketch.positive, sketch.maxBins);
  readBins(reader, sketch.negative, sketch.maxBins);
  reader.finish('sketch');
  return sketch;
}

function writeBins(bytes: number[], bins: ReadonlyMap<number, number>): void {
  writeVarint(bytes, bins.size);
  let previous: number | undefined;
  for (const [bin, times] of [...bins].sort(([a], [b]) => a - b)) {
    writeVarint(bytes, previous === undefined ? zigzag(bin) : bin - previous - 1);
    writeVarint(bytes, times);
    previous = bin;
  }
}

function readBins(reader: ByteReader, bins: Map<number, number>, maxBins: number): void {
  const size = reader.varint('number of buckets');
  if (size > maxBins) throw new RangeError(`number of buckets must be at most maxBins (${maxBins}), got ${size}`);
  let previous: number | undefined;
  for (let i = 0; i < size; i++) {
    const step = reader.varint('bucket');
    const bin: number = previous === undefined ? unzigzag(step) : previous + step + 1;
    const times = reader.varint('count of a bucket');
    if (times === 0) throw new RangeError('count of a bucket must be above 0');
    bins.set(bin, times);
    previous = bin;
  }
}

/** Signed to unsigned with small results for small magnitudes: 0, -1, 1, -2 to 0, 1, 2, 3. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
