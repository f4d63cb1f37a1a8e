import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EchoEngine, openEchoEngine } from './open-echo-engine.ts';
import type { EchoRequest } from './types.ts';

let engine: EchoEngine;
beforeAll(async () => {
  engine = await openEchoEngine();
  for (const capability of Object.values(engine.capabilities())) {
    expect(capability.via, 'this suite needs ICMP sockets: root, or net.ipv4.ping_group_range').not.toBe('absent');
  }
});
afterAll(() => engine.close());

const request: EchoRequest = { address: '127.0.0.1', count: 5, intervalMs: 5, timeoutMs: 1000, sizeBytes: 56 };

test.each(['127.0.0.1', '::1'])('echoes to %s have kernel stamps on both sides', async (address) => {
  const train = await engine.train({ ...request, address });
  expect(train).toMatchObject({ address, sent: 5, received: 5, kernelStamped: 5, processStamped: 0, duplicates: 0 });
  expect(train).toMatchObject({ late: 0, reordered: 0, icmpErrors: 0, localDrops: 0, replyTtl: 64 });
  expect(train.error).toBeUndefined();
  for (const rtt of train.rttsNs) expect(rtt).toBeGreaterThan(0);
  expect(train.errorBoundNs).toBeGreaterThan(0);
});

test.each([0, 1, 11, 12, 13, 1472, 9001, 60_000])(
  'a payload of %i bytes is sent whole and matched',
  async (sizeBytes) => {
    for (const address of ['127.0.0.1', '::1']) {
      const train = await engine.train({ ...request, address, sizeBytes });
      expect(train).toMatchObject({ sent: 5, received: 5 });
    }
  },
);

test('a thousand trains at once, several to one address, are not mixed up', async () => {
  const requests = Array.from({ length: 1000 }, (_, i) => ({
    ...request,
    address: `127.0.1.${1 + (i % 100)}`,
    intervalMs: 0,
  }));
  const trains = await engine.trains(requests);
  expect(trains.map((train) => train.address)).toEqual(requests.map(({ address }) => address));
  expect(trains.reduce((sum, train) => sum + train.received, 0)).toBe(5000);
  expect(trains.reduce((sum, train) => sum + train.duplicates + train.reordered + train.localDrops, 0)).toBe(0);
});

test('sequence numbers wrap without a loss or a mix-up', async () => {
  const trains = await engine.trains(
    [1, 2].map((n) => ({ ...request, address: `127.0.2.${n}`, count: 65_000, intervalMs: 0 })),
  );
  for (const train of trains)
    expect(train).toMatchObject({ sent: 65_000, received: 65_000, duplicates: 0, reordered: 0 });
});

test('a cancelled train ends at once with its results so far', async () => {
  const controller = new AbortController();
  const progress: number[] = [];
  const train = await engine.train(
    { ...request, count: 1000, intervalMs: 20 },
    {
      signal: controller.signal,
      onProgress(observations) {
        progress.push(...observations.map(({ index }) => index));
        if (progress.length > 3) controller.abort();
      },
    },
  );
  expect(train.error?.kind).toBe('cancelled');
  expect(train.received).toBeGreaterThan(3);
  expect(train.rttsNs.length).toBeLessThan(1000);
  expect(progress).toEqual(progress.map((_, index) => index));
});

test.each([
  [{ count: 0 }, /count/],
  [{ timeoutMs: 0 }, /timeoutMs/],
  [{ intervalMs: -1 }, /intervalMs/],
  [{ sizeBytes: 70_000 }, /sizeBytes/],
  [{ dscp: 64 }, /dscp/],
  [{ ttl: 0 }, /ttl/],
  [{ address: 'localhost' }, /address/],
  [{ address: '224.0.0.1' }, /unicast/],
  [{ address: '::' }, /unicast/],
])('a request that cannot be meant is refused: %o', async (wrong, message) => {
  await expect(engine.train({ ...request, ...wrong })).rejects.toThrow(message);
});

test('a closed engine rejects with an error', async () => {
  const other = await openEchoEngine();
  const running = other.train({ ...request, count: 100, intervalMs: 100 });
  await other.close();
  expect((await running).error?.kind).toBe('cancelled');
  await expect(other.train(request)).rejects.toThrow(/closed/);
});
