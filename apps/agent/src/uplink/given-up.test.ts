import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GivenUp } from './given-up.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a thousand records refused within a second are logged in one line with the first reason and the count', () => {
  const lines: string[] = [];
  const givenUp = new GivenUp((line) => lines.push(line));
  for (let seq = 7; seq < 1007; seq += 1) givenUp.note(seq, 'check 3 is gone');
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(lines).toEqual(['the server can never store record 7 (check 3 is gone) and 999 more: they are given up']);
  vi.advanceTimersByTime(5000);
  expect(lines).toHaveLength(1);
});

test('a single refused record is named, and the end of a session logs what is pending', () => {
  const lines: string[] = [];
  const givenUp = new GivenUp((line) => lines.push(line));
  givenUp.note(4, 'malformed');
  givenUp.close();
  givenUp.close();
  vi.advanceTimersByTime(5000);
  expect(lines).toEqual(['the server can never store record 4 (malformed): it is given up']);
});
