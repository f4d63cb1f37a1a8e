import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantBefore, redate } from './dated.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));
const START = 1_700_000_000_000;

test('a run moves to the last instant of its grid, and what is left over is its lateness', () => {
  const grid = { intervalMs: 1000, phaseMs: 250 };
  const run = { t: 'run', at: START + 250, late: 3, check: 1, grid };
  expect(redate(run, { shiftMs: 60_400, unsure: false })).toEqual({
    t: 'run',
    at: START + 60_250,
    late: 403,
    check: 1,
  });
  expect(redate(run, { shiftMs: 0, unsure: true })).toEqual({
    t: 'run',
    at: START + 250,
    late: 3,
    check: 1,
    flags: ['clock_unsure'],
  });
  const missed = { t: 'missed', from: START + 250, to: START + 5250, count: 6, grid };
  expect(redate(missed, { shiftMs: -400, unsure: true })).toEqual({
    t: 'missed',
    from: START - 750,
    to: START + 4250,
    count: 6,
  });
});

test(`runs of one series keep different instants on their grid, and start when they started (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 3_600_000 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.double({ min: -1e12, max: 1e12, noNaN: true }),
      fc.integer({ min: 2, max: 20 }),
      (intervalMs, share, shiftMs, count) => {
        const grid = { intervalMs, phaseMs: Math.floor(share * intervalMs) };
        const first = instantBefore(grid, START);
        const runs = Array.from({ length: count }, (_, i) => ({
          t: 'run',
          at: first + i * intervalMs,
          late: 0.5,
          grid,
        }));
        const moved = runs.map((run) => redate(run, { shiftMs, unsure: false }));
        expect(new Set(moved.map(({ at }) => at)).size).toBe(count);
        for (const [i, { at, late }] of moved.entries()) {
          expect((at - grid.phaseMs) % intervalMs).toBe(0);
          expect(late).toBeGreaterThanOrEqual(0);
          expect(Math.abs(at + late - (first + i * intervalMs + 0.5 + shiftMs))).toBeLessThan(0.01);
        }
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});
