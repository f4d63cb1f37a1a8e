import { catalog } from '@netsonde/probes/catalog';
import { expect, test } from 'vitest';
import { overlapWarnings } from './overlap-warnings.ts';

const ADDRESS = ['192.0.2.1', '2001:db8::1'];
const NAME = ['192.0.2.1', 'lighthouse.test'];

function warned(probe: string, given: Record<string, unknown>, intervalMs: number, targets = ADDRESS) {
  const options = catalog[probe as keyof typeof catalog].options.parse(given);
  return overlapWarnings([{ id: null, probe, options, intervalMs, fault: null }], targets, catalog);
}

test('a run that ends in time even where an address is silent is not warned of', () => {
  expect(warned('icmp', {}, 5000)).toEqual([]);
  expect(warned('udp', {}, 60_000, ['192.0.2.1:7', '[2001:db8::1]:7'])).toEqual([]);
});

test('a run that sends for longer than its interval is warned of whatever the target does', () => {
  for (const targets of [ADDRESS, NAME]) {
    expect(warned('icmp', { count: 51, intervalSeconds: 0.1 }, 5000, targets)).toEqual([
      expect.stringMatching(/^A run of icmp sends for 5 s even where its target answers, .* interval of 5 s: /),
    ]);
    expect(warned('icmp', { count: 50, intervalSeconds: 0.1 }, 5000, targets)).toEqual([
      expect.stringContaining('takes up to'),
    ]);
  }
});

test('the warning distinguishes a silent target from a name that resolves slowly', () => {
  expect(warned('icmp', { timeoutSeconds: 4 }, 5000)).toEqual([
    expect.stringMatching(/^Where no answer comes, a run of icmp takes up to 5.8 s, longer than its interval of 5 s: /),
  ]);
  expect(warned('icmp', {}, 5000, NAME)).toEqual([
    expect.stringMatching(/^Where a target’s name is resolved slowly, a run of icmp takes up to 8.8 s, /),
  ]);
  expect(warned('icmp', {}, 8800, NAME)).toEqual([]);
});

test('a question to a resolver has no name to resolve before it', () => {
  expect(warned('dns', { timeoutSeconds: 3 }, 5000, ['lighthouse.test'])).toEqual([
    expect.stringMatching(/^Where no answer comes, a run of dns takes up to /),
  ]);
});
