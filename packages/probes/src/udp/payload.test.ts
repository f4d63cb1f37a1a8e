import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEADER_BYTES, payloadsOf } from './payload.ts';

describe('datagrams', () => {
  test('are recognised and intact, and a change of any byte is noticed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: HEADER_BYTES, max: 2000 }),
        fc.nat(0xffffffff),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (size, sequence, at, flip) => {
          const payloads = payloadsOf(size, Math.random);
          const datagram = payloads.make(sequence);
          expect(datagram.length).toBe(size);
          expect(payloads.sequenceOf(datagram)).toBe(sequence);
          expect(payloads.flawsOf(datagram, sequence)).toEqual({});
          const damaged = datagram.with(at % size, (datagram[at % size] ?? 0) ^ flip);
          expect(payloads.flawsOf(damaged, sequence)).toEqual({ corrupted: true });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('of another run or cut within their header are not ours, the faults of others are named', () => {
    const ours = payloadsOf(64, Math.random);
    const theirs = payloadsOf(64, Math.random);
    expect(ours.sequenceOf(theirs.make(0))).toBeNull();
    expect(ours.sequenceOf(new Uint8Array(0))).toBeNull();
    expect(ours.sequenceOf(ours.make(3).subarray(0, 11))).toBeNull();
    const cut = ours.make(3).subarray(0, 40);
    expect(ours.sequenceOf(cut)).toBe(3);
    expect(ours.flawsOf(cut, 3)).toEqual({ truncated: true });
    expect(ours.flawsOf(cut.with(39, (cut[39] ?? 0) ^ 1), 3)).toEqual({ truncated: true, corrupted: true });
    expect(ours.flawsOf(Uint8Array.from([...ours.make(3), 0]), 3)).toEqual({ corrupted: true });
  });

  test('differ from one to the next behind their header too', () => {
    const { make } = payloadsOf(64, Math.random);
    expect(make(0).subarray(HEADER_BYTES)).not.toEqual(make(1).subarray(HEADER_BYTES));
  });
});
