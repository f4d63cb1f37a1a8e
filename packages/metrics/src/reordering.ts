/** Order of arrivals by their sequence numbers. Counts of packets, 0 or more. */
export interface OrderCounts {
  /** Different packets that arrived; copies not counted. */
  readonly received: number;
  /** Packets that arrived after a packet that was sent later than they were. Loss alone reorders nothing. */
  readonly reordered: number;
  /** Arrivals of a packet that had arrived before. A copy is never counted as reordered. */
  readonly duplicates: number;
}

/**
 * Counts reordered packets and copies by their sequence numbers, in order of arrival. A packet is reordered when its
 * number is below the next one expected, which is one more than the highest seen; only its first copy is looked at.
 * Numbers may wrap: a number less than half of `modulus` ahead of the expected one counts as later, any other as
 * earlier, so no packet may be overtaken by half of `modulus` packets or more (32,768 for 16-bit numbers).
 * @param sequences sequence numbers in order of ARRIVAL, whole, 0 to modulus - 1.
 * @param modulus how many different numbers there are: 65,536 for ICMP echo, 2 ** 32 for STAMP.
 *
 * Source: RFC 4737 (Type-P-Reordered: s < NextExp; of duplicates only the first to arrive is considered).
 * @throws RangeError when a number lies outside 0 to modulus - 1.
 */
export function countOrder(sequences: ArrayLike<number>, modulus = 65_536): OrderCounts {
  const seen = new Set<number>();
  let nextExpected: number | undefined;
  let reordered = 0;
  for (let i = 0; i < sequences.length; i++) {
    const wrapped = checkedSequence(sequences[i], modulus);
    const sequence = nextExpected === undefined ? wrapped : unwrapNear(wrapped, nextExpected, modulus);
    if (seen.has(sequence)) continue;
    seen.add(sequence);
    if (nextExpected !== undefined && sequence < nextExpected) reordered++;
    else nextExpected = sequence + 1;
  }
  return { received: seen.size, reordered, duplicates: sequences.length - seen.size };
}

function checkedSequence(sequence: number | undefined, modulus: number): number {
  if (sequence === undefined || !Number.isInteger(sequence) || sequence < 0 || sequence >= modulus) {
    throw new RangeError(`a sequence number must be whole and lie between 0 and ${modulus - 1}, got ${sequence}`);
  }
  return sequence;
}

/** The number without wrapping: the one of its kind that lies nearest to the expected number. */
function unwrapNear(wrapped: number, expected: number, modulus: number): number {
  const ahead = (((wrapped - expected) % modulus) + modulus) % modulus;
  return expected + (ahead < modulus / 2 ? ahead : ahead - modulus);
}
