import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inOwnNamespace, run } from '../test-support.test-namespace.ts';
import { openTun, type Tun } from '../tun/tun.ts';
import { type EchoEngine, openEchoEngine } from './open-echo-engine.ts';
import type { EchoRequest, EchoTrain } from './types.ts';

/** What the far end of the TUN device does with echo number `index` of a train. */
type Fate =
  | 'answer'
  | 'lose'
  | 'duplicate'
  | 'late'
  | 'truncate'
  | 'damage'
  | 'lengthen'
  | 'wrong-checksum'
  | 'wrong-cookie'
  | 'wrong-source'
  | 'wrong-id';

/** Longer than this process, which is the far end, is likely to be stalled. */
const TIMEOUT_MS = 300;
const LATE_MS = 400;

let tun: Tun;
let engine: EchoEngine;
let timer: NodeJS.Timeout;
let answer: (packet: Buffer) => void = () => undefined;

inOwnNamespace();
beforeAll(async () => {
  tun = openTun('crafted');
  run('ip address add 10.8.0.1/24 dev crafted');
  run('ip link set crafted up');
  engine = await openEchoEngine();
  const buffer = Buffer.alloc(2048);
  timer = setInterval(() => {
    for (let length = tun.read(buffer); length !== 'again'; length = tun.read(buffer)) {
      if (buffer.readUInt8(0) >> 4 === 4 && buffer.readUInt8(9) === 1) answer(Buffer.from(buffer.subarray(0, length)));
    }
  }, 1);
});
afterAll(async () => {
  clearInterval(timer);
  await engine?.close();
  tun?.close();
});

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : bytes.readUInt8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An IPv4 packet from `source` with this ICMP message. */
function packet(source: Buffer, destination: Buffer, icmp: Buffer): Buffer {
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 57, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(20 + icmp.length, 2);
  source.copy(header, 12);
  destination.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  icmp.writeUInt16BE(0, 2);
  icmp.writeUInt16BE(checksum(icmp), 2);
  return Buffer.concat([header, icmp]);
}

function replyTo(
  request: Buffer,
  change: (icmp: Buffer, source: Buffer) => void = () => undefined,
  length = request.length - 20,
): Buffer {
  const icmp = Buffer.alloc(length);
  request.copy(icmp, 0, 20);
  icmp.writeUInt8(0, 0);
  const source = Buffer.from(request.subarray(16, 20));
  change(icmp, source);
  return packet(source, request.subarray(12, 16), icmp);
}

function flipBit(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
}

function write(bytes: Buffer): void {
  tun.write(bytes, bytes.length);
}

function actOn(request: Buffer, fate: Fate): void {
  switch (fate) {
    case 'lose':
      return;
    case 'answer':
      write(replyTo(request));
      return;
    case 'duplicate':
      write(replyTo(request));
      write(replyTo(request));
      return;
    case 'late':
      setTimeout(() => write(replyTo(request)), LATE_MS);
      return;
    case 'truncate':
      write(replyTo(request, undefined, 8 + Math.floor((request.length - 28) / 2)));
      return;
    case 'damage':
      write(replyTo(request, (icmp) => flipBit(icmp, icmp.length - 1)));
      return;
    case 'lengthen':
      write(replyTo(request, undefined, request.length - 20 + 5));
      return;
    case 'wrong-checksum': {
      const reply = replyTo(request);
      flipBit(reply, reply.length - 3);
      write(reply);
      return;
    }
    case 'wrong-cookie':
      write(
        replyTo(request, (icmp) => {
          flipBit(icmp, 9);
          flipBit(icmp, 13);
        }),
      );
      return;
    case 'wrong-source':
      write(replyTo(request, (_, source) => source.writeUInt8(source.readUInt8(3) ^ 1, 3)));
      return;
    case 'wrong-id':
      write(replyTo(request, (icmp) => icmp.writeUInt16BE(icmp.readUInt16BE(4) ^ 1, 4)));
      return;
  }
}

const request: EchoRequest = {
  address: '10.8.0.2',
  count: 1,
  intervalMs: 4,
  timeoutMs: TIMEOUT_MS,
  sizeBytes: 32,
  lingerMs: 600,
};

async function trainWith(fates: readonly Fate[]): Promise<EchoTrain> {
  let index = 0;
  answer = (packet) => {
    actOn(packet, fates[index] ?? 'lose');
    index += 1;
  };
  const train = await engine.train({ ...request, count: fates.length });
  expect(index).toBe(fates.length);
  return train;
}

const count = (fates: readonly Fate[], ...wanted: Fate[]) => fates.filter((fate) => wanted.includes(fate)).length;

const FATES: readonly Fate[] = [
  'answer',
  'lose',
  'duplicate',
  'late',
  'truncate',
  'damage',
  'lengthen',
  'wrong-checksum',
  'wrong-cookie',
  'wrong-source',
  'wrong-id',
];
const IN_TIME: readonly Fate[] = ['answer', 'duplicate', 'truncate', 'damage', 'lengthen'];

test('loss, duplicates, late, truncated, corrupted and foreign answers are counted exactly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 30 }), async (fates) => {
      const train = await trainWith(fates);
      expect(train.sent).toBe(fates.length);
      expect(train.received).toBe(count(fates, ...IN_TIME));
      expect(train.duplicates).toBe(count(fates, 'duplicate'));
      expect(train.late).toBe(count(fates, 'late'));
      expect(train.truncated).toBe(count(fates, 'truncate'));
      expect(train.corrupted).toBe(count(fates, 'damage', 'lengthen'));
      expect(train.reordered).toBe(0);
      expect(train.kernelStamped).toBe(train.received);
      expect([...train.rttsNs].map((rtt) => rtt > 0)).toEqual(fates.map((fate) => IN_TIME.includes(fate)));
    }),
    { numRuns: 8 },
  );
}, 60_000);

/** The result of an echo of this many bytes, by socket, for each change of its answer. */
describe.each(['raw', 'ping-socket'] as const)('through a %s socket', (via) => {
  beforeAll(async () => {
    if (via === 'raw') return;
    await engine.close();
    run('sysctl -qw net.ipv4.ping_group_range=0\t65534');
    engine = await openEchoEngine();
  });

  test.each([0, 1, 11, 12, 13, 56, 99, 100, 101, 1400])(
    'echoes of %i bytes are verified to the last one',
    async (sizeBytes) => {
      const seen: string[] = [];
      const changes: { name: string; flips?: number; length?: number; unsealed?: boolean }[] = [{ name: 'intact' }];
      for (const flips of new Set([sizeBytes >> 1, sizeBytes - 1]))
        if (flips >= 12) changes.push({ name: `flipped ${flips}`, flips });
      if (sizeBytes > 0) changes.push({ name: 'short', length: sizeBytes - 1 }, { name: 'empty', length: 0 });
      changes.push({ name: 'long', length: sizeBytes + 1 }, { name: 'unsealed', unsealed: true });
      for (const { name, flips, length, unsealed } of changes) {
        answer = (echo) => {
          const reply = replyTo(
            echo,
            (icmp) => flips !== undefined && flipBit(icmp, 8 + flips),
            8 + (length ?? sizeBytes),
          );
          if (unsealed) flipBit(reply, 22);
          write(reply);
        };
        // Only the reply that must not count is waited for until the timeout.
        const timeoutMs = unsealed ? request.timeoutMs : 3000;
        const train = await engine.train({ ...request, sizeBytes, timeoutMs, lingerMs: 0 });
        expect(train.via).toBe(via);
        seen.push(`${name}: ${train.received} received, ${train.truncated} truncated, ${train.corrupted} corrupted`);
      }
      expect(seen).toEqual(
        changes.map(({ name, flips, length = sizeBytes, unsealed }) => {
          const corrupted = flips !== undefined || length > sizeBytes ? 1 : 0;
          const truncated = length < sizeBytes ? 1 : 0;
          return `${name}: ${unsealed ? 0 : 1} received, ${truncated} truncated, ${corrupted} corrupted`;
        }),
      );
    },
  );
});

test('an overtaken answer is counted as reordered, and keeps its own RTT', async () => {
  let index = 0;
  let held: { readonly echo: Buffer; readonly sinceMs: number } | undefined;
  let heldMs = 0;
  answer = (echo) => {
    index += 1;
    if (index === 2) held = { echo, sinceMs: performance.now() };
    else write(replyTo(echo));
    if (index !== 5 || held === undefined) return;
    heldMs = performance.now() - held.sinceMs;
    write(replyTo(held.echo));
  };
  const train = await engine.train({ ...request, count: 7, timeoutMs: 5000 });
  expect(train).toMatchObject({ sent: 7, received: 7, reordered: 1, duplicates: 0, late: 0, replyTtl: 57 });
  expect(heldMs).toBeGreaterThan(0);
  expect(train.rttsNs[1]).toBeGreaterThanOrEqual(heldMs * 1e6);
});

test('ICMP errors are assigned to the quoted echo, with type, code and offender', async () => {
  let index = 0;
  answer = (echo) => {
    index += 1;
    if (index === 2) {
      write(replyTo(echo));
      return;
    }
    const error = Buffer.concat([
      Buffer.from([index === 1 ? 11 : 3, index === 1 ? 0 : 1, 0, 0, 0, 0, 0, 0]),
      echo.subarray(0, 28),
    ]);
    write(packet(Buffer.from([10, 8, 0, 9]), echo.subarray(12, 16), error));
  };
  const train = await engine.train({ ...request, count: 3 });
  expect(train).toMatchObject({ sent: 3, received: 1, icmpErrors: 2 });
  expect(train.error).toMatchObject({
    kind: 'ttl_exceeded',
    call: 'icmp',
    icmpType: 11,
    icmpCode: 0,
    offender: '10.8.0.9',
  });
  expect([...train.rttsNs].map((rtt) => rtt > 0)).toEqual([false, true, false]);
});

test('the kernel refuses an address without a route, and later send stamps keep their numbers', async () => {
  const trains = await engine.trains([
    { ...request, address: '192.0.2.1', count: 20, intervalMs: 1 },
    { ...request, address: '127.0.0.1', count: 20, intervalMs: 1 },
    { ...request, address: '2001:db8::1', count: 2 },
  ]);
  const error = { kind: 'unreachable', call: 'sendmmsg', code: 'ENETUNREACH' };
  expect(trains[0]).toMatchObject({ sent: 0, received: 0, error });
  expect(trains[1]).toMatchObject({ sent: 20, received: 20, kernelStamped: 20 });
  expect(Math.max(...(trains[1]?.rttsNs ?? []))).toBeLessThan(1e6 * TIMEOUT_MS);
  expect(trains[2]).toMatchObject({ sent: 0, error });
});

test('DSCP and TTL are sent as requested, and the id changes after a train without an answer', async () => {
  const seen: { tos: number; ttl: number; id: number; sum: number }[] = [];
  answer = (echo) => {
    seen.push({
      tos: echo.readUInt8(1),
      ttl: echo.readUInt8(8),
      id: echo.readUInt16BE(24),
      sum: checksum(echo.subarray(20)),
    });
  };
  await engine.train({ ...request, dscp: 46, ttl: 3 });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await engine.train(request);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toMatchObject({ tos: 46 << 2, ttl: 3, sum: 0 });
  expect(seen[1]).toMatchObject({ tos: 0, ttl: 64, sum: 0 });
  expect(seen[1]?.id).not.toBe(seen[0]?.id);
});
