import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Due, EchoTimerHeap } from './echo-timer-heap.ts';

test('whatever is added, moved and removed, the earliest is on top', () => {
  const step = fc.record({ index: fc.nat(19), dueNs: fc.integer({ min: 0, max: 50 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new EchoTimerHeap<Due>();
      const items = Array.from({ length: 20 }, (): Due => ({ dueNs: 0, heapIndex: -1 }));
      const inside = new Set<Due>();
      for (const { index, dueNs, remove } of steps) {
        const item = items[index] as Due;
        if (remove) {
          heap.remove(item);
          inside.delete(item);
        } else {
          item.dueNs = dueNs;
          heap.update(item);
          inside.add(item);
        }
        expect(heap.size).toBe(inside.size);
        expect(heap.peek()?.dueNs).toBe(
          inside.size === 0 ? undefined : Math.min(...[...inside].map((due) => due.dueNs)),
        );
      }
    }),
  );
});
