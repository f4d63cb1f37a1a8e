const TWO_32 = 2 ** 32;

/** Bits that a whole number from 0 to 2^53 - 1 needs; 0 for 0. */
export const bitsOf = (value: number): number =>
  value < TWO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / TWO_32));

/** Packs the low `width` bits (0 to 53) of each number, lowest bit first; the last byte is filled up with zeros. */
export function packBits(values: Float64Array, width: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * width) / 8));
  let place = 0;
  for (const value of values) {
    let rest = width === 53 ? value : value % 2 ** width;
    let left = width;
    while (left > 0) {
      const inByte = place & 7;
      const take = Math.min(8 - inByte, left);
      const part = rest % (1 << take);
      bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (part << inByte);
      rest = (rest - part) / (1 << take);
      place += take;
      left -= take;
    }
  }
  return bytes;
}

export function unpackBits(bytes: Buffer, count: number, width: number): Float64Array {
  const values = new Float64Array(count);
  if (width === 0) return values;
  let place = 0;
  for (let i = 0; i < count; i += 1) {
    let value = 0;
    let scale = 1;
    let left = width;
    while (left > 0) {
      const inByte = place & 7;
      const take = Math.min(8 - inByte, left);
      value += (((bytes[place >> 3] ?? 0) >> inByte) & ((1 << take) - 1)) * scale;
      scale *= 1 << take;
      place += take;
      left -= take;
    }
    values[i] = value;
  }
  return values;
}

export const packedSize = (count: number, width: number): number => Math.ceil((count * width) / 8);
