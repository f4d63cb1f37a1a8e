import { expect, test } from 'vitest';
import { PeerClocks } from './peer-clocks.ts';

const DAY = 86_400_000;

/** Clocks of agents, ms beyond the best estimate, each measured to 5 ms. */
function peers(...offsets: readonly number[]): PeerClocks {
  const clocks = new PeerClocks();
  for (const [agent, offsetMs] of offsets.entries()) clocks.note(agent, { offsetMs, errorMs: 5 }, 0);
  return clocks;
}

test('agents confirm the clock of the host, or the estimate, if more than half of them do', () => {
  expect(peers(2, -40, 3 * DAY).word(0, 0)).toEqual({
    agree: { leastMs: expect.any(Number), mostMs: expect.any(Number) },
  });
  // The host was set a day ahead: two of three show that day, one the estimate.
  expect(peers(DAY, DAY + 20, 0).word(DAY, 0)).toEqual({ agree: { leastMs: -5, mostMs: 5 } });
  expect(peers(0, 20, DAY).word(DAY, 0)).toEqual({ agree: { leastMs: DAY - 5, mostMs: DAY + 5 } });
});

test('agents that agree with each other only contradict, and set no time', () => {
  expect(peers(-150 * DAY, -150 * DAY + 100, 0).word(0, 0)).toEqual({ contradict: 150 * DAY - 100 });
});

test('no agents, agents that do not agree, and clocks heard of long ago say nothing', () => {
  expect(peers().word(0, 0)).toBeNull();
  expect(peers(0, DAY).word(0, 0)).toBeNull();
  expect(peers(0, 0, 0).word(0, 121_000)).toBeNull();
});
