/** Bytes of a datagram that identify its run and its number; random ones follow. */
export const HEADER_BYTES = 12;
const COOKIE_BYTES = 8;

/** Makes and recognises the datagrams of one run. */
export interface Payloads {
  /** The datagram with this number, always the same bytes. */
  make(sequence: number): Uint8Array;
  /** The number of a datagram that claims to be of this run, complete or damaged after its header; null: it is not. */
  sequenceOf(datagram: Uint8Array): number | null;
  /** How it differs from the sent datagram with this number; empty: identical. */
  flawsOf(datagram: Uint8Array, sequence: number): Flaws;
}

/** How an answer differs from what was sent: fewer bytes, or other or more bytes. */
export interface Flaws {
  readonly truncated?: true;
  readonly corrupted?: true;
}

const INTACT: Flaws = Object.freeze({});

/** @param random 0 <= x < 1; the source of the run's cookie, which seeds the random bytes. */
export function payloadsOf(sizeBytes: number, random: () => number): Payloads {
  const cookie = Uint8Array.from({ length: COOKIE_BYTES }, () => Math.floor(random() * 256));
  const seed = new DataView(cookie.buffer).getUint32(0);
  const make = (sequence: number): Uint8Array => {
    const datagram = new Uint8Array(sizeBytes);
    datagram.set(cookie);
    new DataView(datagram.buffer).setUint32(COOKIE_BYTES, sequence);
    fillRandom(datagram.subarray(HEADER_BYTES), (seed ^ Math.imul(sequence + 1, 0x9e3779b1)) >>> 0);
    return datagram;
  };
  return Object.freeze({
    make,
    sequenceOf(datagram: Uint8Array) {
      if (datagram.length < HEADER_BYTES || cookie.some((byte, at) => datagram[at] !== byte)) return null;
      return new DataView(datagram.buffer, datagram.byteOffset).getUint32(COOKIE_BYTES);
    },
    flawsOf(datagram: Uint8Array, sequence: number) {
      const sent = make(sequence);
      const truncated = datagram.length < sizeBytes;
      const corrupted = datagram.length > sizeBytes || datagram.some((byte, at) => byte !== sent[at]);
      if (!truncated && !corrupted) return INTACT;
      return { ...(truncated ? { truncated } : {}), ...(corrupted ? { corrupted } : {}) };
    },
  });
}

/** Fills with the bytes of a 32-bit xorshift generator: no pattern that a middlebox could compress or fake. */
function fillRandom(bytes: Uint8Array, seed: number): void {
  let state = seed === 0 ? 1 : seed;
  for (let at = 0; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state >>> 24;
  }
}
