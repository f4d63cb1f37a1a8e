import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Span } from './span.ts';
import { SpanIndex } from './span-index.ts';

const span = (agent: number, target: number, toMs: number | null): Span => ({
  id: null,
  agent,
  check: 1,
  target,
  intervalMs: 1000,
  fromMs: 100 * agent + target,
  toMs,
});

const step = fc.record({
  agent: fc.integer({ min: 1, max: 3 }),
  target: fc.integer({ min: 1, max: 3 }),
  toMs: fc.constantFrom(null, 5000),
  deleted: fc.boolean(),
  listed: fc.boolean(),
});

test('the list of due series of a check has its spans as they are after each change', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const index = new SpanIndex();
      const due = new Map<string, readonly number[]>();
      for (const { agent, target, toMs, deleted, listed } of steps) {
        const one = span(agent, target, toMs);
        if (deleted) {
          index.delete(one);
          due.delete(`${agent}/${target}`);
        } else {
          index.set(one);
          due.set(`${agent}/${target}`, [agent, target, one.fromMs, toMs ?? Number.POSITIVE_INFINITY]);
        }
        if (listed) index.seriesOf(1);
      }
      const list = [...index.seriesOf(1)];
      const rows = Array.from({ length: list.length / 4 }, (_, row) => list.slice(4 * row, 4 * row + 4));
      expect(new Set(rows.map(String))).toEqual(new Set([...due.values()].map(String)));
      expect(rows).toHaveLength(due.size);
      expect(index.seriesOf(1), 'it is listed once').toBe(index.seriesOf(1));
      expect(index.seriesOf(2)).toHaveLength(0);
    }),
  );
});
