/**
 * Random numbers that depend only on their coordinates: (seed, conversation, packet, purpose). So the fate of the n-th
 * packet of a conversation is the same in each run of the same seed, whatever else is on the wire and however the
 * conversations interleave.
 */

/** The purpose of a draw. Each purpose is its own stream, so that a setting changes no other setting's draws. */
export const PURPOSE = Object.freeze({
  loss: 1,
  burstState: 2,
  burstLoss: 3,
  jitter: 4,
  jitterSecond: 5,
  duplicate: 6,
  reorder: 7,
  congestionMark: 8,
  answerLoss: 9,
  answerJitter: 10,
  answerJitterSecond: 11,
});

/** 32-bit mixing of 32-bit words (the MurmurHash3 x86_32 rounds and finaliser). */
export function mixWords(seed: number, ...words: number[]): number {
  let hash = seed | 0;
  for (const word of words) {
    let block = Math.imul(word | 0, 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= words.length * 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A uniform number in [0, 1) for the given coordinates. */
export function uniform(seed: number, conversation: number, packet: number, purpose: number): number {
  return mixWords(seed, conversation, packet, purpose) / 0x1_0000_0000;
}

/** A seed of 32 bits from any number or text. */
export function seedFrom(seed: number | string): number {
  if (typeof seed === 'number' && Number.isInteger(seed)) return mixWords(0x6e657473, seed, Math.floor(seed / 2 ** 32));
  const bytes = Buffer.from(String(seed));
  return mixWords(0x6e657473, ...bytes);
}
