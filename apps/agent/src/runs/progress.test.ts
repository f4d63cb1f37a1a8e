import { expect, test } from 'vitest';
import { Progress } from './progress.ts';
import type { ReadyCheck } from './run-check.ts';

const ready = { runner: { describe: (seen: unknown) => `${seen}` } } as unknown as ReadyCheck;

function watched() {
  let nowMs = 5000;
  const lines: string[] = [];
  const progress = new Progress(() => nowMs);
  return {
    lines,
    pass: (ms: number) => {
      nowMs += ms;
    },
    follow: () => progress.follower(ready, (line) => lines.push(line)),
  };
}

test('progress of a run is sent only after the run has lasted a while', () => {
  const { lines, pass, follow } = watched();
  const observe = follow();
  observe?.('at once');
  pass(249);
  observe?.('soon');
  pass(1);
  observe?.('now');
  expect(lines).toEqual(['now']);
});

test('at most ten runs per second are followed, and at most ten lines per second are sent', () => {
  const { lines, pass, follow } = watched();
  const followers = Array.from({ length: 30 }, follow);
  expect(followers.filter((one) => one !== null)).toHaveLength(10);
  pass(1000);
  for (const observe of followers) for (let count = 0; count < 3; count += 1) observe?.(count);
  expect(lines).toHaveLength(10);
  expect(follow()).not.toBeNull();
  pass(1000);
  followers[0]?.('again');
  expect(lines).toHaveLength(11);
});
