import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareOldestFirst, FirstResults, type ResultPlace } from './first-results.ts';

const place = fc.record({ at: fc.nat(20), series: fc.nat(3), epoch: fc.nat(2), seq: fc.nat(1000) });
const places = fc.uniqueArray(place, { maxLength: 100, selector: (one) => JSON.stringify(one) });

test('of any results it keeps the first in either order, and knows whether it kept all', () => {
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 40 }), (all, most) => {
      const oldest = new FirstResults<ResultPlace>(most, 'oldest first');
      const newest = new FirstResults<ResultPlace>(most, 'newest first');
      for (const one of all) for (const first of [oldest, newest]) if (first.mayKeep(one.at)) first.offer(one);
      const ordered = all.toSorted(compareOldestFirst);
      expect(oldest.sorted).toEqual(ordered.slice(0, most));
      expect(newest.sorted).toEqual(ordered.toReversed().slice(0, most));
      expect([oldest.isCut, newest.isCut]).toEqual([all.length > most, all.length > most]);
    }),
  );
});
