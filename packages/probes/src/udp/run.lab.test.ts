import { LAB_ADDRESSES, type Lab, openLab, type Path, roundTripsOf } from '@netsonde/lab';
import { distributionOf } from '@netsonde/metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { openProber, type Prober } from '../run/run-in-host.test-support.ts';
import { udp } from './descriptor.ts';

let lab: Lab;
let prober: Prober;
let port: number;

beforeAll(async () => {
  lab = await openLab({ seed: 'udp probe', services: [{ kind: 'udp_echo' }] });
  prober = openProber(lab.measuring);
  port = lab.running.facts[0]?.port ?? 0;
});
afterAll(async () => {
  await prober?.close();
  await lab?.close();
});

async function run(path: Path, options: Record<string, unknown> = {}, address: string = LAB_ADDRESSES.services4) {
  await lab.setPath(path);
  const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const { outcome } = await prober.run('udp', at, {
    count: 20,
    intervalSeconds: 0.005,
    timeoutSeconds: 0.5,
    ...options,
  });
  expect(faultsOf(udp, outcome)).toEqual([]);
  await lab.settle();
  return outcome;
}

/** What the lab did to the datagrams of the last run: those that have the echo service at one end, oldest first. */
async function truthSince(packet: number) {
  const records = (await lab.truth()).filter((record) => record.packet >= packet && record.protocol === 17);
  return {
    lost: records.filter(({ fate }) => fate === 'lost').length,
    copies: records.filter(({ copy, direction }) => copy === 1 && direction === 'backward').length,
    sent: records.filter(({ direction, copy }) => direction === 'forward' && copy === 0),
    came: records.filter(({ direction, fate }) => direction === 'backward' && fate === 'forwarded'),
  };
}

/** A run, and for each datagram the time from leaving the measuring host's device to its return. */
async function runWatched(path: Path, options: Record<string, unknown> = {}) {
  const capture = await lab.capture('udp');
  const outcome = await run(path, options);
  const wire = roundTripsOf(await capture.stop()).map(
    ({ leftAtNs, backAtNs: [back] }) => Number((back ?? leftAtNs) - leftAtNs) / 1e6,
  );
  return { ...outcome, wire };
}

const nextPacket = async (): Promise<number> => Math.max(-1, ...(await lab.truth()).map(({ packet }) => packet)) + 1;

describe('datagrams through the lab', () => {
  test.each([10, 40])('measure the %d ms of the path, by kernel stamps', async (rtt) => {
    const path = { forward: { delayMs: rtt / 2 }, backward: { delayMs: rtt / 2 } };
    const { verdict, metrics, samples, stamps, wire } = await runWatched(path);
    expect([verdict, stamps]).toEqual(['up', { kernel: 20, process: 0 }]);
    expect(wire).toHaveLength(20);
    for (const [index, measured] of (samples?.rtts_ms ?? []).entries())
      expect(Math.abs(Number(measured) - Number(wire[index])), `datagram ${index}`).toBeLessThan(5);
    for (const id of ['rtt_min_ms', 'rtt_avg_ms', 'rtt_median_ms', 'rtt_p95_ms', 'rtt_max_ms'])
      expect(metrics[id], id).toBeGreaterThanOrEqual(rtt);
    expect(Math.abs(Number(metrics.rtt_min_ms) - Math.min(...wire))).toBeLessThan(2);
  });

  test.each([5, 30])('vary as the lab varied them, with a jitter of %d ms', async (jitterMs) => {
    const { metrics, wire } = await runWatched({ forward: { delayMs: 40, jitterMs } });
    const { stddev = 0 } = distributionOf(wire) ?? {};
    expect(stddev).toBeGreaterThan(1);
    expect(Math.abs(Number(metrics.rtt_stddev_ms) - stddev)).toBeLessThan(2);
  });

  test.each([20, 60])('are lost as often as the lab lost them, at %d %%', async (lossPct) => {
    const from = await nextPacket();
    const { verdict, metrics, finding } = await run({ forward: { lossPct } });
    const { lost } = await truthSince(from);
    expect(lost).toBeGreaterThan(0);
    expect([verdict, finding?.cause]).toEqual(['degraded', 'loss']);
    expect(metrics).toMatchObject({ sent: 20, received: 20 - lost, loss_pct: lost * 5, port_open: true });
  });

  test.each([10, 50])('are duplicated as often as the lab did it, at %d %%', async (duplicatePct) => {
    const from = await nextPacket();
    const { verdict, metrics } = await run({ backward: { duplicatePct } });
    const { copies } = await truthSince(from);
    expect(copies).toBeGreaterThan(0);
    expect([verdict, metrics.duplicates, metrics.received]).toEqual(['up', copies, 20]);
  });

  /** Runs once over a path that delays answers; returns how many were overtaken, by the lab's log. */
  async function overtaken(reorderPct: number): Promise<number> {
    const from = await nextPacket();
    const { metrics } = await run({ backward: { reorderPct, reorderByMs: 12 } });
    const { sent, came } = await truthSince(from);
    const order = came.toSorted((a, b) => Number(a.writtenAtNs - b.writtenAtNs)).map(({ packet }) => packet);
    const behind = order.filter((packet, place) => order.slice(0, place).some((earlier) => earlier > packet));
    expect(sent).toHaveLength(20);
    expect(metrics.reordered).toBe(behind.length);
    return behind.length;
  }

  test.each([10, 40])('are reordered as the lab did it, at %d %%', async (reorderPct) => {
    // On a stalled machine, the lab releases a held packet before another one can overtake it.
    for (let runs = 1; (await overtaken(reorderPct)) === 0; runs += 1) expect(runs).toBeLessThan(4);
  });

  test.each([1, 2])('that arrive after the timeout are late, %d of them', async (late) => {
    const path: Path = { backward: { delayMs: 125 } };
    const options = { count: late, intervalSeconds: 0.01, timeoutSeconds: 0.12 };
    let outcome = await runWatched(path, options);
    // If the lab was stalled and delivers after the run has ended, the answer only counts as lost.
    for (let runs = 1; runs < 4 && Math.max(...outcome.wire) > 150; runs += 1)
      outcome = await runWatched(path, options);
    const { verdict, finding, metrics, absent } = outcome;
    expect(metrics).toMatchObject({ sent: late, received: 0, late, loss_pct: 100, port_open: true });
    expect([verdict, finding?.cause, absent.rtt_avg_ms]).toEqual(['down', 'timeout', 'no_responder']);
  });

  test.each([0, 46])('carry DSCP %d', async (dscp) => {
    const from = await nextPacket();
    await run({}, { dscp, count: 2 });
    expect((await truthSince(from)).sent.map(({ tos }) => tos >> 2)).toEqual([dscp, dscp]);
    const from6 = await nextPacket();
    await run({}, { dscp, count: 1 }, LAB_ADDRESSES.services6);
    expect((await truthSince(from6)).sent.map(({ tos }) => tos >> 2)).toEqual([dscp]);
  });
});

describe('no host at the address', () => {
  test('in a black hole is silence', async () => {
    const { verdict, finding, absent } = await run({}, { count: 2 }, LAB_ADDRESSES.blackHole4);
    expect([verdict, finding?.cause, absent.port_open]).toEqual(['down', 'timeout', 'no_responder']);
  });

  test.each(['unreachable4', 'unreachable6', 'prohibited4', 'prohibited6'] as const)(
    'at %s blames the path',
    async (name) => {
      const { verdict, finding, metrics, absent } = await run({}, { count: 2 }, LAB_ADDRESSES[name]);
      expect([verdict, finding?.cause, finding?.side]).toEqual(['down', 'unreachable', 'path']);
      expect([metrics.sent, metrics.received, absent.port_open]).toEqual([2, 0, 'no_responder']);
    },
  );

  test('on the port is a refusal, from the far host', async () => {
    await lab.setPath({ forward: { delayMs: 5 } });
    const target = `${LAB_ADDRESSES.services4}:9`;
    const { outcome } = await prober.run('udp', target, { count: 3, intervalSeconds: 0.05 });
    expect([outcome.verdict, outcome.finding?.cause, outcome.metrics.port_open, outcome.metrics.sent]).toEqual([
      'down',
      'refused',
      false,
      3,
    ]);
    expect(outcome.finding?.operation).toContain(LAB_ADDRESSES.services4);
  });

  test('for want of a route is the fault of this host', async () => {
    await lab.measuring.ip(['route add unreachable 192.0.2.1', 'route add prohibit 192.0.2.2']);
    for (const [address, cause] of [
      ['192.0.2.1', 'local_network'],
      ['192.0.2.2', 'permission'],
    ] as const) {
      const { verdict, finding, metrics } = await run({}, { count: 2 }, address);
      expect([verdict, finding?.cause, finding?.side, metrics.sent]).toEqual(['unknown', cause, 'agent', 0]);
    }
  });
});
