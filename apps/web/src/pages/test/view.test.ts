import type { Test } from '@netsonde/protocol/api';
import { expect, it } from 'vitest';
import { expectedLines, firstChoice, resultsEnd, viewOf } from './view.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2030-01-01T12:00:00Z');

const testWith = (agents: number, targets: number, ageMs: number): Test => ({
  id: 1,
  name: 'a',
  description: '',
  state: 'running',
  targets: Array.from({ length: targets }, (_, place) => ({ id: place + 1, address: `192.0.2.${place}`, labels: {} })),
  checks: [],
  agents: { by: 'any', count: agents },
  interval: 1,
  duration: null,
  startAt: new Date(NOW - ageMs).toISOString(),
  endAt: null,
  endedAt: null,
  createdAt: new Date(NOW - ageMs).toISOString(),
  assigned: Array.from({ length: agents }, (_, place) => ({ id: place + 1, name: `agent ${place}`, online: true })),
  warnings: [],
  progressPct: null,
  verdicts: { up: 0, degraded: 0, down: 0, unknown: 0 },
  waiting: 0,
  resultCount: 0,
});

it.each([
  [0, 5],
  [10 * MINUTE_MS, 15],
  [600 * MINUTE_MS, 60],
])('a test of %i ms shows %i minutes', (ageMs, minutes) => {
  expect(firstChoice(testWith(1, 1, ageMs), null, NOW)).toEqual({
    lengthMs: minutes * MINUTE_MS,
    agent: undefined,
    target: undefined,
  });
});

it.each([
  [10, null, 5],
  [11, null, 15],
  [60, null, 60],
  [120, null, 60],
  [121, null, 360],
  [1, 600, 360],
  [3600, null, 10_080],
  [604_800, null, 10_080],
])('a test every %i s, its second check every %s s, shows %i minutes', (interval, own, minutes) => {
  const check = { id: 1, probe: 'icmp', options: {}, expectations: [], interval: null };
  const slow: Test = { ...testWith(1, 1, 0), interval, checks: [check, { ...check, id: 2, interval: own }] };
  expect(firstChoice(slow, null, NOW).lengthMs).toBe(minutes * MINUTE_MS);
});

it('a check that is faster than its test counts with its own interval', () => {
  const check = { id: 1, probe: 'icmp', options: {}, expectations: [], interval: 2 };
  expect(firstChoice({ ...testWith(1, 1, 0), interval: 600, checks: [check] }, null, NOW).lengthMs).toBe(5 * MINUTE_MS);
});

it('a test with very many lines begins with one target', () => {
  const large = testWith(2, 60, 0);
  expect(firstChoice(large, null, NOW).target).toBe(1);
  expect(expectedLines(large, firstChoice(large, null, NOW))).toBe(2);
  expect(expectedLines(large, { agent: 1, target: undefined })).toBe(60);
});

it('a test that has ended has a line for each agent that ran it', () => {
  const check = { id: 1, probe: 'icmp', options: {}, expectations: [], interval: null };
  const verdicts = { up: 9, degraded: 0, down: 3, unknown: 0 };
  const ended: Test = { ...testWith(0, 3, 0), checks: [check, { ...check, id: 2 }], verdicts };
  expect(expectedLines(ended, firstChoice(ended, null, NOW))).toBe(6);
  expect(expectedLines(testWith(0, 3, 0), firstChoice(ended, null, NOW))).toBe(0);
});

it('a test that ended long ago shows the end of its results, as wide as its duration', () => {
  const endMs = NOW - 500 * MINUTE_MS;
  const ended = testWith(0, 1, 510 * MINUTE_MS);
  expect(firstChoice(ended, endMs, NOW).lengthMs).toBe(15 * MINUTE_MS);
  expect(viewOf(firstChoice(ended, endMs, NOW), endMs).stretch).toEqual({ lengthMs: 15 * MINUTE_MS, endMs });
});

it('a test whose agents were cut off before its end shows the time from its newest result to its end', () => {
  const endedAt = new Date(NOW - 10 * MINUTE_MS).toISOString();
  const ended: Test = { ...testWith(0, 1, 30 * MINUTE_MS), state: 'completed', endedAt };
  const newestMs = NOW - 19 * MINUTE_MS;
  const endMs = resultsEnd(ended, newestMs);
  expect(endMs).toBe(NOW - 10 * MINUTE_MS);
  expect(firstChoice(ended, endMs, NOW, newestMs).lengthMs).toBe(60 * MINUTE_MS);
  expect(resultsEnd(ended, NOW - 9 * MINUTE_MS)).toBe(NOW - 9 * MINUTE_MS + 1000);
});
