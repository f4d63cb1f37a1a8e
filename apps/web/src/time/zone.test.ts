import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const zoneBefore = process.env.TZ;
let zone: typeof import('./zone.ts');
let axis: typeof import('../charts/time-axis.ts');

/** The modules read the zone when they are loaded. */
beforeAll(async () => {
  process.env.TZ = 'Europe/Berlin';
  vi.resetModules();
  zone = await import('./zone.ts');
  axis = await import('../charts/time-axis.ts');
});
afterAll(() => {
  if (zoneBefore === undefined) delete process.env.TZ;
  else process.env.TZ = zoneBefore;
  vi.resetModules();
});

const HOUR_S = 3600;
/** 2026-10-25, 02:30 in summer time and in winter time. */
const FIRST = Date.parse('2026-10-25T00:30:00Z');
const SECOND = Date.parse('2026-10-25T01:30:00Z');

test('the hour that occurs twice when clocks are set back is the only one that is doubled', () => {
  expect([FIRST, SECOND].map(zone.isDoubled)).toEqual([true, true]);
  expect([FIRST - 31 * 60_000, SECOND + 31 * 60_000, FIRST - 86_400_000].map(zone.isDoubled)).toEqual([
    false,
    false,
    false,
  ]);
  const spring = Date.parse('2026-03-29T01:00:00Z');
  expect([spring - 60_000, spring, spring + 3_600_000].map(zone.isDoubled)).toEqual([false, false, false]);
  expect(zone.zoneAt(FIRST)).not.toBe(zone.zoneAt(SECOND));
});

test('zones without a short name are offsets of UTC', () => {
  expect(['GMT+1', 'GMT-3:30', 'GMT', 'CET'].map(zone.utcText)).toEqual(['UTC+1', 'UTC-3:30', 'GMT', 'CET']);
});

test('a time axis has its zone at the first tick and where it changes, and dates where days begin', () => {
  const from = (FIRST - 1_800_000) / 1000;
  const [summer, winter] = [zone.zoneAt(FIRST), zone.zoneAt(SECOND)];
  expect(
    axis.timeTexts(
      [-1, 0, 1, 2].map((hour) => from + hour * HOUR_S),
      HOUR_S,
    ),
  ).toEqual([`01:00\n${summer}`, '02:00', `02:00\n${winter}`, '03:00']);
  expect(axis.timeTexts([from - 3 * HOUR_S, from - 2 * HOUR_S], HOUR_S)).toEqual([
    `23:00\n${summer}`,
    '00:00\n2026-10-25',
  ]);
  expect(axis.timeTexts([from, from + 30], 30)).toEqual([`02:00:00\n${summer}`, '02:00:30']);
  expect(axis.timeTexts([from - 2 * HOUR_S, from + 23 * HOUR_S], 24 * HOUR_S)).toEqual([
    `2026-10-25\n${summer}`,
    `2026-10-26\n${winter}`,
  ]);
});
