import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParcelQueue } from './parcel-queue.ts';

test('the heap returns items in order of due time, then of arrival, and never early', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 20 }),
      (times, now) => {
        const heap = new ParcelQueue<{ time: number; arrival: number }>();
        for (const [arrival, time] of times.entries()) heap.push(time, { time, arrival });
        const out: { time: number; arrival: number }[] = [];
        for (let item = heap.popDue(now); item !== undefined; item = heap.popDue(now)) out.push(item);
        const expected = times
          .map((time, arrival) => ({ time, arrival }))
          .filter(({ time }) => time <= now)
          .sort((left, right) => left.time - right.time || left.arrival - right.arrival);
        expect(out).toEqual(expected);
        expect(heap.size).toBe(times.length - expected.length);
        expect(heap.nextDueNs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
      },
    ),
  );
});
