import { expect, test } from 'vitest';
import type { SessionRejection } from './rejection.ts';
import { StrangerLog } from './stranger-log.ts';
import { Strangers } from './strangers.ts';

/** The connections that the limits end, in that order. */
function connections(bounds: { perNetwork: number; inAll: number }) {
  const strangers = new Strangers(bounds);
  const ended: string[] = [];
  const open = (name: string, address: string) => {
    const stranger = { address, reject: ({ code, retry }: SessionRejection) => ended.push(`${name} ${code} ${retry}`) };
    strangers.add(stranger);
    return stranger;
  };
  return { strangers, ended, open };
}

test('over the limit of a network, its oldest connection ends and those of other networks stay', () => {
  const { strangers, ended, open } = connections({ perNetwork: 2, inAll: 10 });
  open('other', '192.0.2.1');
  open('a', '198.51.100.1');
  open('b', '198.51.100.1');
  open('c', '198.51.100.1');
  expect(ended).toEqual(['a too_slow true']);
  open('v6 a', '2001:db8::1');
  open('v6 b', '2001:db8::2');
  open('v6 c', '2001:db8:0:0:ffff::3');
  expect(ended.slice(1)).toEqual(['v6 a too_slow true']);
  expect(strangers.size).toBe(5);
});

test('over the total limit, a connection of the network with the most connections ends', () => {
  const { strangers, ended, open } = connections({ perNetwork: 3, inAll: 4 });
  open('agent', '192.0.2.1');
  for (const name of ['a', 'b', 'c']) open(name, '198.51.100.1');
  open('late', '203.0.113.1');
  expect(ended).toEqual(['a too_slow true']);
  expect(strangers.size).toBe(4);
});

test('an authenticated or closed connection does not count towards the limits', () => {
  const { strangers, ended, open } = connections({ perNetwork: 1, inAll: 1 });
  const first = open('first', '192.0.2.1');
  strangers.delete(first);
  strangers.delete(first);
  open('second', '192.0.2.1');
  expect([ended, strangers.size]).toEqual([[], 1]);
});

test('a fault that ends many connections is logged once, then as one count', () => {
  const lines: string[] = [];
  const log = new StrangerLog({ warn: (line) => lines.push(line) });
  for (let i = 0; i < 2000; i += 1) log.warn('192.0.2.1', 'too_slow', `session with 192.0.2.1 ended ${i}`);
  log.warn('192.0.2.1', 'bad_message', 'another kind');
  expect(lines).toEqual(['session with 192.0.2.1 ended 0', 'another kind']);
  log.summarize();
  expect(lines.at(-1)).toBe('1999 more sessions ended before an agent was admitted (1999 too_slow), from 192.0.2.1');
  log.summarize();
  expect(lines).toHaveLength(3);
});

test('strangers of many networks cannot flood the log', () => {
  const lines: string[] = [];
  const log = new StrangerLog({ warn: (line) => lines.push(line) });
  for (let i = 0; i < 1000; i += 1) log.warn(`10.0.${i >> 8}.${i & 255}`, 'too_slow', 'one');
  log.summarize();
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toMatch(/^980 more sessions .* from 20 networks or more$/);
});
