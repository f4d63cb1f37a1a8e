import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { EchoRequest } from '../echo/types.ts';
import { type PingDialect, parsePingOutput } from './parse-ping-output.ts';
import { pingCommand } from './ping-arguments.ts';
import { pingTrain, trainOfOutput } from './ping-train.ts';

const request: EchoRequest = { address: '192.0.2.1', count: 3, intervalMs: 1000, timeoutMs: 1000, sizeBytes: 56 };

function train(file: string, dialect: PingDialect, count: number) {
  const text = readFileSync(new URL(`./recorded/${file}`, import.meta.url), 'utf8');
  return trainOfOutput(parsePingOutput(text, dialect), { ...request, count }, 4);
}

test.each([
  ['iputils-20221126-c-answers.txt', [27_000, 37_000, 36_000]],
  ['iputils-20221126-de-answers.txt', [16_000, 39_000, 40_000]],
  ['iputils-20221126-c-answers-ipv6.txt', [19_000, 35_000]],
])('iputils: %s', (file, rtts) => {
  const result = train(file, 'iputils', rtts.length);
  expect([...result.rttsNs]).toEqual(rtts);
  expect(result).toMatchObject({
    sent: rtts.length,
    received: rtts.length,
    processStamped: rtts.length,
    kernelStamped: 0,
  });
  expect(result).toMatchObject({ replyTtl: 64, duplicates: 0, via: 'ping-command' });
});

test.each(['iputils-20221126-c-unreachable.txt', 'iputils-20221126-de-unreachable.txt'])('iputils: %s', (file) => {
  const result = train(file, 'iputils', 3);
  expect(result).toMatchObject({ received: 0, icmpErrors: 3, error: { kind: 'unreachable', offender: '10.9.0.1' } });
  expect(result.errorBoundNs).toBeUndefined();
});

test('macOS (unverified): answers, a duplicate, a timeout and an unreachable', () => {
  const result = train('macos-unverified.txt', 'macos', 4);
  expect([...result.rttsNs]).toEqual([14_287_000, Number.NaN, 13_950_000, Number.NaN]);
  expect(result).toMatchObject({
    received: 2,
    duplicates: 1,
    icmpErrors: 1,
    replyTtl: 57,
    error: { offender: '198.51.100.1' },
  });
  expect([...train('macos-unverified-ipv6.txt', 'macos', 2).rttsNs]).toEqual([71_000, 125_000]);
});

test('Windows (unverified): lines count as echoes in order, in any language', () => {
  const english = train('windows-en-unverified.txt', 'windows', 4);
  expect([...english.rttsNs]).toEqual([14e6, Number.NaN, Number.NaN, 0.5e6]);
  expect(english).toMatchObject({
    received: 2,
    icmpErrors: 1,
    error: { kind: 'unreachable', offender: '198.51.100.1' },
  });
  const german = train('windows-de-unverified.txt', 'windows', 3);
  expect([...german.rttsNs]).toEqual([14e6, Number.NaN, 0.5e6]);
  expect(german).toMatchObject({ received: 2, icmpErrors: 0, replyTtl: 57 });
});

test('a comma as the decimal sign is read', () => {
  const line = '64 Bytes von 192.0.2.1: icmp_seq=1 ttl=64 Zeit=1,25 ms';
  expect(parsePingOutput(line, 'iputils').answers).toEqual([{ index: 0, rttMs: 1.25, ttl: 64, duplicate: false }]);
});

test.each(['-oProxyCommand=x', '--help', '', 'localhost', '127.0.0.1 -f', '; ls'])(
  'no option or name gets through: %j',
  async (address) => {
    await expect(pingTrain({ ...request, address })).rejects.toThrow(/address/);
  },
);

test('the address is the last operand of each dialect, and unsupported options are reported', () => {
  for (const dialect of ['iputils', 'macos', 'windows'] as const) {
    expect(pingCommand({ ...request, ttl: 9 }, 4, dialect).operands.at(-1)).toBe('192.0.2.1');
    expect(pingCommand(request, 4, dialect).ignored).toEqual([]);
  }
  expect(pingCommand({ ...request, dscp: 46, intervalMs: 10 }, 4, 'windows').ignored).toEqual(['dscp', 'intervalMs']);
});

test('the ping of this system measures loopback', async () => {
  const result = await pingTrain({ ...request, address: '127.0.0.1', intervalMs: 10, dscp: 46, ttl: 7 });
  expect(result.error).toBeUndefined();
  expect(result).toMatchObject({ sent: 3, received: 3, processStamped: 3, kernelStamped: 0, replyTtl: 64 });
});
