import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Path } from '../network/path.ts';
import type { RecordFacts } from '../network/truth-record.ts';
import { Carrier, type Parcel } from './carrier.ts';
import { addWords, foldChecksum } from './checksum.ts';
import { decodePacket } from './packet.ts';
import { echoRequest } from './test-packets.test-parts.ts';

interface Story {
  /** The packets that left, in order, with the time at which each was due, ns. */
  readonly out: { atNs: number; parcel: Parcel }[];
  /** The records of packets that did not leave. */
  readonly ended: RecordFacts[];
}

/** Sends packets, `gapNs` apart, through a carrier with its own clock. */
function carry(seed: number, path: Path, packets: readonly Buffer[], gapNs = 1e6): Story {
  const ended: RecordFacts[] = [];
  const carrier = new Carrier(seed, path, (_, facts) => ended.push(facts));
  for (const [index, packet] of packets.entries())
    carrier.take('forward', packet, index * gapNs, BigInt(index * gapNs));
  const out: Story['out'] = [];
  for (let dueNs = carrier.nextDueNs; dueNs !== undefined; dueNs = carrier.nextDueNs) {
    const parcel = carrier.nextDue(dueNs);
    if (parcel !== undefined) out.push({ atNs: dueNs, parcel });
  }
  return { out, ended };
}

const train = (count: number, options = {}): Buffer[] =>
  Array.from({ length: count }, (_, index) => echoRequest(index, options));

test('a plain path adds its delay, decrements the TTL and keeps the checksum right', () => {
  const { out } = carry(1, { forward: { delayMs: 7 }, hops: 3 }, train(2));
  expect(out.map(({ atNs }) => atNs)).toEqual([7e6, 8e6]);
  const bytes = out[0]?.parcel.bytes ?? Buffer.alloc(0);
  expect(bytes[8]).toBe(61);
  expect(foldChecksum(addWords(bytes, 0, 20))).toBe(0);
});

test('each packet is delivered, lost or stopped exactly once, on any path', () => {
  const direction = fc.record({
    delayMs: fc.double({ min: 0, max: 20, noNaN: true }),
    jitterMs: fc.double({ min: 0, max: 20, noNaN: true }),
    jitterShape: fc.constantFrom('uniform' as const, 'normal' as const, 'exponential' as const),
    lossPct: fc.double({ min: 0, max: 100, noNaN: true }),
    reorderPct: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.integer(), direction, fc.integer({ min: 0, max: 6 }), (seed, forward, hops) => {
      const { out, ended } = carry(seed, { forward, hops }, train(40));
      expect(out.length + ended.length).toBe(40);
      const inOrder = out.filter(({ parcel }) => !parcel.facts.heldBack).map(({ parcel }) => parcel.facts.packet);
      expect(inOrder).toEqual(inOrder.toSorted((left, right) => left - right));
      for (const { atNs, parcel } of out) expect(atNs).toBeGreaterThanOrEqual(Number(parcel.facts.readAtNs));
    }),
    { numRuns: 50 },
  );
});

test('fates repeat for a seed, differ between seeds, and do not depend on other conversations', () => {
  const path: Path = { forward: { lossPct: 30, duplicatePct: 10 } };
  const lost = (story: Story, to: number): number[] =>
    story.out
      .filter(({ parcel }) => parcel.identity.destination[3] === to)
      .map(({ parcel }) => parcel.identity.destinationId);
  const alone = carry(9, path, train(200));
  const again = carry(9, path, train(200));
  const crowd = train(200).flatMap((packet, index) => [echoRequest(index, { to: 2 }), packet]);
  expect(lost(again, 1)).toEqual(lost(alone, 1));
  expect(lost(carry(9, path, crowd), 1)).toEqual(lost(alone, 1));
  expect(lost(carry(10, path, train(200)), 1)).not.toEqual(lost(alone, 1));
});

test('the shares of random loss and duplication are within five standard deviations of the settings', () => {
  const { out, ended } = carry(3, { forward: { lossPct: 10, duplicatePct: 5 } }, train(10_000), 1000);
  const copies = out.filter(({ parcel }) => parcel.facts.copy === 1).length;
  // Standard deviations: 30 of 10,000 at 10 %; 20.7 of 9,000 at 5 %. Five of each.
  expect(Math.abs(ended.length - 1000)).toBeLessThan(150);
  expect(Math.abs(copies - (10_000 - ended.length) * 0.05)).toBeLessThan(104);
});

test('burst loss has the mean share and the mean length of its chain', () => {
  const burst = { enterPct: 2, leavePct: 25 };
  const { ended } = carry(4, { forward: { burst } }, train(20_000), 1000);
  const lost = new Set(ended.map((facts) => facts.packet));
  const bursts = [...lost].filter((packet) => !lost.has(packet - 1)).length;
  // Stationary share 2 / (2 + 25) = 7.4 %, mean burst 100 / 25 = 4 packets.
  expect(Math.abs(lost.size / 20_000 - 2 / 27)).toBeLessThan(0.012);
  expect(Math.abs(lost.size / bursts - 4)).toBeLessThan(0.6);
});

test('a packet that is held back is overtaken by those within its time', () => {
  const { out } = carry(6, { forward: { reorderPct: 20, reorderByMs: 2.5 } }, train(100));
  const order = out.map(({ parcel }) => parcel.facts.packet);
  const held = out.filter(({ parcel }) => parcel.facts.heldBack);
  expect(held.length).toBeGreaterThan(5);
  expect(order).not.toEqual(order.toSorted((left, right) => left - right));
  for (const { parcel } of held) expect(parcel.facts.requestedDelayNs).toBeGreaterThanOrEqual(2.5e6);
});

test('the TTL expires at the right router, which answers with the packet as it saw it', () => {
  const { out, ended } = carry(1, { forward: { delayMs: 8 }, backward: { delayMs: 4 }, hops: 3 }, [
    echoRequest(1, { ttl: 2 }),
  ]);
  expect(ended).toMatchObject([{ fate: 'ttl_exceeded', hop: 2, answered: true }]);
  const [{ atNs, parcel } = { atNs: 0, parcel: undefined }] = out;
  // Half of 8 ms there and half of 4 ms back: the second of three routers is halfway.
  expect(atNs).toBe(6e6);
  const answer = parcel?.bytes ?? Buffer.alloc(0);
  expect(decodePacket(answer)).toMatchObject({ icmpType: 11, icmpCode: 0, ttl: 63, lengthBytes: 84 + 28 });
  expect([...answer.subarray(12, 16)]).toEqual([10, 203, 2, 1]);
  expect(answer[28 + 8]).toBe(1);
  expect(foldChecksum(addWords(answer, 20, answer.length))).toBe(0);
});

test('a silent router sends no error, and a rate-limited one sends at most its rate', () => {
  const hops = [{ silent: true }, { answersPerSecond: 3 }];
  const first = carry(1, { hops }, train(5, { ttl: 1 }));
  expect(first.out).toEqual([]);
  const second = carry(1, { hops }, train(10, { ttl: 2 }));
  expect(second.out).toHaveLength(3);
  expect(second.ended.filter((facts) => facts.answered)).toHaveLength(3);
});

test('a packet above the MTU is refused with the MTU, disappears, or is fragmented', () => {
  const big = (): Buffer[] => [echoRequest(1, { bytes: 1500, dontFragment: true })];
  const refused = carry(1, { forward: { mtu: { bytes: 1400, hop: 1 } }, hops: 2 }, big());
  expect(refused.out[0]?.parcel.bytes.readUInt16BE(26)).toBe(1400);
  expect(refused.ended).toMatchObject([{ fate: 'too_big', hop: 1, answered: true }]);
  const hole = carry(1, { forward: { mtu: { bytes: 1400, blackHole: true } } }, big());
  expect(hole.out).toEqual([]);
  expect(hole.ended).toMatchObject([{ fate: 'too_big', answered: false }]);
  const cut = carry(1, { forward: { mtu: 600 } }, [echoRequest(1, { bytes: 1500 })]);
  expect(cut.ended).toMatchObject([{ fate: 'fragmented' }]);
  const payload = Buffer.concat(cut.out.map(({ parcel }) => parcel.bytes.subarray(20)));
  expect(payload).toEqual(echoRequest(1, { bytes: 1500 }).subarray(20));
  expect(cut.out.map(({ parcel }) => parcel.bytes.readUInt16BE(6))).toEqual([0x2000, 0x2000 | 72, 144]);
});

test('a bottleneck serialises packets and drops those beyond its queue', () => {
  // 84 bytes at 67,200 bit/s take 10 ms each. Packets arrive each 1 ms. The queue holds 50 ms.
  const { out, ended } = carry(1, { forward: { rateBps: 67_200, queueMs: 50 } }, train(20));
  expect(out.slice(0, 3).map(({ atNs }) => atNs)).toEqual([10e6, 20e6, 30e6]);
  expect(ended.every((facts) => facts.fate === 'queue_full')).toBe(true);
  expect(out.length + ended.length).toBe(20);
  expect(ended.length).toBeGreaterThan(10);
});

test('from the router on, DSCP is rewritten and ECN bleached or marked', () => {
  const tosAfter = (rewrite: object, tos: number): number | undefined =>
    carry(1, { forward: { rewrite } }, [echoRequest(1, { tos })]).out[0]?.parcel.facts.tosWritten;
  expect(tosAfter({ dscp: 0 }, (46 << 2) | 2)).toBe(2);
  expect(tosAfter({ bleachEcn: true }, (46 << 2) | 2)).toBe(46 << 2);
  expect(tosAfter({ cePct: 100 }, (46 << 2) | 2)).toBe((46 << 2) | 3);
  expect(tosAfter({ cePct: 100 }, 46 << 2)).toBe(46 << 2);
});

test('a script decides the fate of single packets, of its protocol only', () => {
  const script = [
    { packet: 1, fate: 'lose' },
    { packet: 2, fate: 'duplicate' },
    { packet: 3, fate: { holdMs: 5 } },
    { protocol: 'tcp', packet: 0, fate: 'lose' },
  ] as const;
  const { out, ended } = carry(1, { forward: { script } }, train(6));
  expect(ended.map((facts) => [facts.packet, facts.fate])).toEqual([[1, 'lost']]);
  expect(out.map(({ parcel }) => parcel.facts.packet)).toEqual([0, 2, 2, 4, 5, 3]);
});
