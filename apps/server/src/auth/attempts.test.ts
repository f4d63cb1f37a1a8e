import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiProblem } from '../api/problem.ts';
import { attemptsToGetIn, setupKeys, signInKeys } from './attempt-limits.ts';
import { FailedAttempts } from './attempts.ts';
import { networkOf } from './client-network.ts';

const fail = () => Promise.reject(new Error('wrong'));
const succeed = () => Promise.resolve('in');

/** `wrong`: the attempt was allowed and failed. */
async function outcome(attempt: Promise<unknown>): Promise<string> {
  try {
    return String(await attempt);
  } catch (error) {
    return error instanceof ApiProblem ? error.code : (error as Error).message;
  }
}

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('all addresses of a /64 count as one client, and those of another /64 as another', () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const half = fc.array(group, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(half, half, half, half, (one, other, a, b) => {
      fc.pre(one.slice(0, 3).join() !== '0,0,0' && one.join() !== other.join());
      const address = (network: string[], host: string[]) => networkOf([...network, ...host].join(':'));
      expect(address(one, a)).toBe(address(one, b));
      expect(address(one, a)).not.toBe(address(other, a));
    }),
  );
});

test('the limit applies to a whole /64, whatever addresses it uses', async () => {
  const attempts = attemptsToGetIn(() => 0);
  const guess = (n: number) => attempts.run(signInKeys(`2001:db8::${n.toString(16)}`, 'root'), ['pair'], fail);
  for (let n = 1; n <= 5; n += 1) expect(await outcome(guess(n))).toBe('wrong');
  expect(await outcome(guess(6))).toBe('too_many_attempts');
  expect(await outcome(attempts.run(signInKeys('2001:db8:1::1', 'root'), ['pair'], fail))).toBe('wrong');
});

test('failures of the set-up link do not count against a user named setup', async () => {
  const attempts = attemptsToGetIn(() => 0);
  for (let n = 0; n < 5; n += 1) await outcome(attempts.run(setupKeys('192.0.2.1'), ['setup'], fail));
  expect(await outcome(attempts.run(setupKeys('192.0.2.1'), ['setup'], succeed))).toBe('too_many_attempts');
  expect(await outcome(attempts.run(signInKeys('192.0.2.1', 'setup'), ['pair'], succeed))).toBe('in');
});

test('a locked key stays locked however many others follow', async () => {
  let now = 0;
  const attempts = new FailedAttempts({ name: 3 }, () => now, 100);
  for (let n = 0; n < 3; n += 1) await outcome(attempts.run({ name: 'root' }, ['name'], fail));
  for (let n = 0; n < 1000; n += 1) expect(await outcome(attempts.run({ name: `x${n}` }, [], fail))).toBe('wrong');
  expect(await outcome(attempts.run({ name: 'root' }, ['name'], succeed))).toBe('too_many_attempts');
  now = 15 * 60_000;
  expect(await outcome(attempts.run({ name: 'root' }, ['name'], succeed))).toBe('in');
});

test('if every key is locked, a new key has to wait', async () => {
  const attempts = new FailedAttempts({ name: 1 }, () => 0, 10);
  for (let n = 0; n < 10; n += 1) expect(await outcome(attempts.run({ name: `x${n}` }, [], fail))).toBe('wrong');
  expect(await outcome(attempts.run({ name: 'y' }, [], succeed))).toBe('too_many_attempts');
});

test('concurrent attempts cannot bypass the limit, and successes do not count towards it', async () => {
  const attempts = attemptsToGetIn(() => 0);
  const keys = signInKeys('192.0.2.1', 'root');
  const all = await Promise.all(Array.from({ length: 20 }, () => outcome(attempts.run(keys, ['pair'], fail))));
  expect(all.filter((one) => one === 'wrong')).toHaveLength(5);
  const other = attemptsToGetIn(() => 0);
  for (let n = 0; n < 50; n += 1) expect(await outcome(other.run(keys, ['pair'], succeed))).toBe('in');
});
