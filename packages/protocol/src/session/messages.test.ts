import { expect, test } from 'vitest';
import { agentMessageSchema, serverMessageSchema } from './messages.ts';

const time = (agentMs: unknown) => agentMessageSchema.safeParse({ type: 'time', id: 1, agentMs }).success;
const ack = (ranges: unknown, epoch: unknown = 1) =>
  serverMessageSchema.safeParse({ type: 'ack', epoch, ranges }).success;

test('the time that an agent reports is from 1970 to some 17,000 years later', () => {
  expect([0, 1_700_000_000_000.5, 2 ** 49].map(time)).toEqual([true, true, true]);
  expect([-1, 2 ** 49 + 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, '1', null].map(time)).not.toContain(true);
});

test('each range of an acknowledgement begins at 0 or later and does not end before it begins', () => {
  expect(ack([])).toBe(true);
  expect(
    ack([
      [0, 0],
      [5, 9],
      [2 ** 52, 2 ** 53 - 1],
    ]),
  ).toBe(true);
  for (const range of [[9, 5], [-1, 5], [0.5, 1], [0, 2 ** 53], [0], [0, 1, 2], ['0', 1]])
    expect(ack([range]), JSON.stringify(range)).toBe(false);
  expect(ack(Array(4096).fill([0, 1]))).toBe(true);
  expect(ack(Array(4097).fill([0, 1]))).toBe(false);
});

test('an epoch is a whole number from 0', () => {
  for (const epoch of [-1, 0.5, 2 ** 53, '1', null]) expect(ack([], epoch), String(epoch)).toBe(false);
  expect(ack([], 0)).toBe(true);
});
