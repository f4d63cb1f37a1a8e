import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type EchoConfig, type Service, startService } from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import type { Addresses } from '../contract/context.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { type Control, runProbe } from '../run/run-probe.test-support.ts';
import { runResolved } from '../run/run-resolved.test-support.ts';
import { udp } from './descriptor.ts';
import type { UdpObservation } from './observation.ts';
import { udpRunner } from './run.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function echo(config: Omit<EchoConfig, 'kind'> = {}): Promise<Service & { readonly target: string }> {
  const service = await startService({ kind: 'udp_echo', ...config });
  closing.push(() => service.close());
  return { ...service, target: `127.0.0.1:${service.facts.port}` };
}

/** A service that answers each datagram as a suite wants it. */
async function oddService(answer: (message: Buffer, from: RemoteInfo, socket: Socket) => void): Promise<string> {
  const socket = createSocket('udp4', (message, from) => answer(message, from, socket));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(async () => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

async function run(target: string, options: Record<string, unknown> = {}, control: Control = {}) {
  const quick = { count: 5, intervalSeconds: 0.01, timeoutSeconds: 0.3, ...options };
  const execution = await runProbe(udp, udpRunner, target, quick, control);
  expect(faultsOf(udp, execution.outcome)).toEqual([]);
  return execution;
}

describe('datagrams to an echo service on loopback', () => {
  test('are all answered, timed by kernel stamps on both sides', async () => {
    const { target, seen } = await echo();
    const { outcome } = await run(target, { count: 20, sizeBytes: 300 });
    expect([outcome.verdict, outcome.finding]).toEqual(['up', undefined]);
    expect(outcome.metrics).toMatchObject({
      sent: 20,
      received: 20,
      loss_pct: 0,
      duplicates: 0,
      late: 0,
      reordered: 0,
      port_open: true,
    });
    expect(outcome.stamps).toEqual({ kernel: 20, process: 0 });
    expect(outcome.samples?.rtts_ms).toHaveLength(20);
    for (const rtt of outcome.samples?.rtts_ms ?? []) expect(rtt).toBeGreaterThan(0);
    expect(seen()).toHaveLength(20);
    expect(seen()[0]).toMatchObject({ bytes: 300 });
  });

  test('over IPv6, of the largest size and of the smallest', async () => {
    const service = await startService({ kind: 'udp_echo', host: '::1' });
    closing.push(() => service.close());
    for (const sizeBytes of [12, 65_507]) {
      const { outcome } = await run(`[::1]:${service.facts.port}`, { sizeBytes, count: 2 });
      expect([outcome.verdict, outcome.detail.family, outcome.metrics.received]).toEqual(['up', 6, 2]);
    }
  });

  test('are paced by the interval', async () => {
    const { target, seen } = await echo();
    await calmly(() => run(target, { count: 4, intervalSeconds: 0.1 }));
    const times = seen()
      .map((entry) => (entry as { atMs: number }).atMs)
      .slice(-4);
    // The service may have read the first one late, so this only proves that they do not leave all at once.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(150);
  });

  test('that the service leaves unanswered are lost, at their places', async () => {
    const { target } = await echo({ dropEvery: 3 });
    const { outcome } = await run(target, { count: 6 });
    expect([outcome.verdict, outcome.finding?.cause]).toEqual(['degraded', 'loss']);
    expect(outcome.metrics).toMatchObject({ sent: 6, received: 4, port_open: true });
    expect(outcome.metrics.loss_pct).toBeCloseTo(100 / 3, 9);
    expect(outcome.samples?.rtts_ms?.map((rtt) => rtt === null)).toEqual([false, false, true, false, false, true]);
  });

  test('answered twice are duplicates, the copy of the last one too', async () => {
    const { target } = await echo({ duplicateEvery: 5 });
    const { outcome } = await run(target, { count: 10 });
    expect(outcome.metrics).toMatchObject({ received: 10, duplicates: 2, reordered: 0, loss_pct: 0 });
    expect(outcome.verdict).toBe('up');
  });

  test('answered after the timeout are late and lost', async () => {
    let count = 0;
    const target = await oddService((message, from, socket) => {
      const delayMs = ++count === 1 ? 150 : 0;
      setTimeout(() => socket.send(message, from.port, from.address), delayMs);
    });
    const { outcome } = await run(target, { count: 4, intervalSeconds: 0.1, timeoutSeconds: 0.1 });
    expect(outcome.metrics).toMatchObject({ sent: 4, received: 3, late: 1, reordered: 0, loss_pct: 25 });
    expect(outcome.samples?.rtts_ms?.[0]).toBeNull();
  });

  test('answered in another order are reordered', async () => {
    const held: Buffer[] = [];
    const target = await oddService((message, from, socket) => {
      held.push(message);
      if (held.length === 3) for (const one of held.reverse()) socket.send(one, from.port, from.address);
    });
    const { outcome } = await run(target, { count: 3 });
    expect(outcome.metrics).toMatchObject({ received: 3, reordered: 2, loss_pct: 0 });
  });

  test.each([
    ['corrupted', 'payload_mismatch', (message: Buffer) => message.map((byte, at) => (at === 40 ? byte ^ 1 : byte))],
    ['truncated', 'payload_truncated', (message: Buffer) => message.subarray(0, 20)],
  ] as const)('answered with %s bytes are answered, and the run is degraded: %s', async (flaw, cause, change) => {
    const target = await oddService((message, from, socket) => socket.send(change(message), from.port, from.address));
    const { outcome } = await calmly(() => run(target, { count: 3 }));
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['degraded', cause, 'target']);
    expect(outcome.metrics).toMatchObject({ received: 3, loss_pct: 0, truncated: 0, corrupted: 0, [flaw]: 3 });
    expect(outcome.metrics.rtt_avg_ms).toBeGreaterThan(0);
  });

  test.each([
    ['rubbish', () => Buffer.from('rubbish')],
    ['empty', () => Buffer.alloc(0)],
  ])('answered with %s bytes are lost, and the run is a mismatch', async (_, answer) => {
    const target = await oddService((_message, from, socket) => socket.send(answer(), from.port, from.address));
    const { outcome, log } = await calmly(() => run(target, { count: 3 }));
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual([
      'degraded',
      'payload_mismatch',
      'target',
    ]);
    expect(outcome.metrics).toMatchObject({ sent: 3, received: 0, loss_pct: 100, port_open: true });
    expect(outcome.absent.rtt_avg_ms).toBe('no_responder');
    expect(log.join('\n')).toContain('not what was sent');
  });

  test('answered from another address are not answered', async () => {
    const stranger = createSocket('udp4');
    closing.push(async () => stranger.close());
    const target = await oddService((message, from) => stranger.send(message, from.port, from.address));
    const { outcome } = await calmly(() => run(target, { count: 2 }));
    expect([outcome.verdict, outcome.finding?.cause, outcome.absent.port_open]).toEqual([
      'down',
      'timeout',
      'no_responder',
    ]);
  });
});

describe('no echo service', () => {
  test('behind a closed port: refused, and the port is known to be closed', async () => {
    const service = await startService({ kind: 'udp_echo' });
    await service.close();
    const { outcome, log } = await run(`127.0.0.1:${service.facts.port}`, { timeoutSeconds: 10 });
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['down', 'refused', 'target']);
    expect(outcome.metrics).toMatchObject({ sent: 5, received: 0, loss_pct: 100, port_open: false });
    expect(log.join('\n')).toContain('ECONNREFUSED');
  });

  test('behind a port that stays silent: a timeout, and nothing is known of the port', async () => {
    const target = await oddService(() => {});
    const { outcome } = await calmly(() => run(target, { count: 2 }));
    expect([outcome.verdict, outcome.finding?.cause]).toEqual(['down', 'timeout']);
    expect([outcome.metrics.loss_pct, outcome.absent.port_open, outcome.absent.rtt_min_ms]).toEqual([
      100,
      'no_responder',
      'timed_out',
    ]);
  });

  test('at an address that this host will not send to: unknown, and nothing was sent', async () => {
    const broadcast = async (): Promise<Addresses> => [{ address: '255.255.255.255', family: 4 }];
    const outcome = await runResolved(udp, udpRunner, 'name.test:7', { count: 2 }, broadcast);
    expect([outcome.verdict, outcome.finding?.side, outcome.metrics.sent]).toEqual(['unknown', 'agent', 0]);
    expect(outcome.absent.loss_pct).toBe('run_failed');
  });
});

describe('a run', () => {
  test('that is cancelled ends at once and counts only decided datagrams', async () => {
    const { target } = await echo({ dropEvery: 2 });
    const { outcome, stopped } = await run(
      target,
      { count: 100, intervalSeconds: 0.1, timeoutSeconds: 60 },
      { signal: AbortSignal.timeout(250) },
    );
    expect([outcome.verdict, outcome.finding?.cause, stopped]).toEqual(['unknown', 'cancelled', 'cancelled']);
    expect(outcome.metrics.sent).toBe(outcome.metrics.received);
    expect(outcome.metrics.loss_pct).toBe(0);
  });

  test('reports each answer as it is received', async () => {
    const { target } = await echo();
    const lines: (string | null)[] = [];
    await run(
      target,
      { count: 2 },
      { onObservation: (seen) => lines.push(udpRunner.describe(seen as UdpObservation)) },
    );
    expect(lines.filter((line) => line !== null)).toEqual([
      expect.stringMatching(/^datagram 1: [\d.]+ ms$/),
      expect.stringMatching(/^datagram 2: [\d.]+ ms$/),
    ]);
  });
});
