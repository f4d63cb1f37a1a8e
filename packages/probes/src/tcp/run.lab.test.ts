import { LAB_ADDRESSES, type Lab, openLab } from '@netsonde/lab';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import type { MetricValue } from '../contract/metric.ts';
import { isRight } from '../presence/truth.test-support.ts';
import { calmRun } from '../run/calm-run.test-support.ts';
import type { Execution } from '../run/execute.ts';
import { openProber, type Prober, runInHost, watchedInHost } from '../run/run-in-host.test-support.ts';
import { tcp } from './descriptor.ts';
import { kernelTimesOf, lastHandshakeMs, seeHandshakes } from './handshake.test-support.ts';

let lab: Lab;
let prober: Prober;
let port: number;
/** Of a SYN, with the options that this kernel asks for; nothing else of these connections is as long. */
const SYN_BYTES = { 4: 60, 6: 80 } as const;
const PATH = { forward: { delayMs: 10 }, backward: { delayMs: 10 } };

beforeAll(async () => {
  lab = await openLab({ path: PATH, services: [{ kind: 'tcp_echo' }] });
  prober = openProber(lab.measuring);
  port = lab.running.facts[0]?.port ?? 0;
});
afterAll(async () => {
  await prober?.close();
  await lab?.close();
});
beforeEach(() => lab.setPath(PATH));

type Options = Readonly<Record<string, unknown>>;

async function run(address: string = LAB_ADDRESSES.services4, options: Options = {}) {
  return judged(await prober.run('tcp', ...given(address, options)));
}

/** The same in a new process: one that runs remembers the kernel's settings for seconds, and its sockets close later. */
async function runAnew() {
  return judged(await runInHost(lab.measuring, 'tcp', ...given(LAB_ADDRESSES.services4, {})));
}

function given(address: string, options: Options): [target: string, options: Options] {
  const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return [at, { timeoutSeconds: 3, ...options }];
}

function judged({ outcome }: Execution) {
  expect(faultsOf(tcp, outcome)).toEqual([]);
  return outcome;
}

/** Settings of the measuring or the services host for one measurement, restored afterwards. */
async function withSettings<T>(
  host: 'measuring' | 'services',
  settings: Record<string, string>,
  body: () => Promise<T>,
): Promise<T> {
  const before = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    const { stdout } = await lab[host].exec('cat', [`/proc/sys/${name.replaceAll('.', '/')}`]);
    before.set(name, stdout.trim());
    await lab[host].sysctl(name, value);
  }
  try {
    return await body();
  } finally {
    for (const [name, value] of before) await lab[host].sysctl(name, value);
  }
}

/** A route to the services for one measurement. */
async function withRoute<T>(attributes: string, body: () => Promise<T>): Promise<T> {
  await lab.measuring.exec('ip', ['tcp_metrics', 'flush']);
  await lab.measuring.ip([
    `route add ${LAB_ADDRESSES.services4}/32 dev ${await device()} src ${LAB_ADDRESSES.measuring4} ${attributes}`,
  ]);
  try {
    return await body();
  } finally {
    await lab.measuring.ip([`route del ${LAB_ADDRESSES.services4}/32`]);
    await lab.measuring.exec('ip', ['tcp_metrics', 'flush']);
  }
}

async function device(): Promise<string> {
  const { stdout } = await lab.measuring.exec('ip', ['-json', 'route', 'show', 'default']);
  return (JSON.parse(stdout) as { dev: string }[])[0]?.dev ?? '';
}

type Values = Record<string, string>;

/** The metric, or the reason for its absence, under settings of one of the hosts. */
async function under(host: 'measuring' | 'services', settings: Values, id: string): Promise<unknown> {
  const { metrics, absent } = await withSettings(host, settings, host === 'measuring' ? runAnew : run);
  return metrics[id] ?? absent[id];
}

/** The metric over a route to the services with these attributes. */
async function over(attributes: string, id: string): Promise<unknown> {
  return (await withRoute(attributes, () => run())).metrics[id];
}

describe('times over the lab', () => {
  test.each([20, 50])('of a path of %d ms there and back', async (rtt) => {
    await lab.setPath({ forward: { delayMs: rtt / 2 }, backward: { delayMs: rtt / 2 } });
    const seen = await seeHandshakes(lab);
    const { verdict, metrics } = await run(LAB_ADDRESSES.services4, { echo: 'lorem' });
    expect(verdict).toBe('up');
    const wire = await lastHandshakeMs(seen);
    expect(wire).toBeGreaterThanOrEqual(rtt);
    for (const [id, range] of Object.entries(kernelTimesOf(wire))) {
      expect(metrics[id], id).toSatisfy((value: MetricValue) => isRight(value, range));
    }
    expect(metrics.rttvar_ms).toBeCloseTo(Number(metrics.srtt_ms) / 2, 1);
    expect(metrics.connect_time_ms).toBeGreaterThanOrEqual(wire - 0.1);
    expect(metrics.connect_time_ms).toBeLessThan(wire + 1000);
    expect(metrics.echo_rtt_ms).toBeGreaterThanOrEqual(rtt);
    expect(metrics.echo_rtt_ms).toBeLessThan(rtt + 1000);
  });

  test('over IPv6', async () => {
    const { verdict, metrics, detail } = await run(LAB_ADDRESSES.services6);
    expect([verdict, detail.family]).toEqual(['up', 6]);
    expect(metrics.connect_time_ms).toBeGreaterThanOrEqual(20);
  });
});

describe('kernel data on a connection', () => {
  test('the segment size and path MTU of the route in use', async () => {
    expect([await over('', 'path_mtu_bytes'), await over('', 'mss_bytes')]).toEqual([1500, 1448]);
    expect([await over('mtu lock 1300', 'path_mtu_bytes'), await over('mtu lock 1300', 'mss_bytes')]).toEqual([
      1300, 1248,
    ]);
  });

  test('the congestion window and the threshold that the route sets, in bytes', async () => {
    expect([await over('initcwnd 10', 'cwnd_bytes'), await over('initcwnd 4', 'cwnd_bytes')]).toEqual([14480, 5792]);
    const kept = { 'net.ipv4.tcp_no_ssthresh_metrics_save': '0' };
    const twice = async () => {
      // A route's threshold goes into the kernel's memory of the destination with the first connection, and out with the next.
      await runAnew();
      return (await runAnew()).metrics.ssthresh_bytes;
    };
    for (const segments of [20, 30]) {
      const route = `congctl reno ssthresh ${segments}`;
      expect(await withSettings('measuring', kept, () => withRoute(route, twice))).toBe(segments * 1448);
    }
  });

  test('the window scale of each side, and why there is none', async () => {
    const room = (bytes: number): Values => ({ 'net.ipv4.tcp_rmem': `4096 131072 ${bytes}` });
    for (const shift of [9, 10]) {
      expect(await under('measuring', room(2 ** (15 + shift)), 'window_scale_receive')).toBe(shift);
      expect(await under('services', room(2 ** (15 + shift)), 'window_scale_send')).toBe(shift);
    }
    const off: Values = { 'net.ipv4.tcp_window_scaling': '0' };
    expect(await under('services', off, 'window_scale_send')).toBe('not_offered_by_target');
    expect(await under('measuring', off, 'window_scale_receive')).toBe('not_requested');
  });

  test('whether ECN was asked for, agreed on or refused', async () => {
    const asking: Values = { 'net.ipv4.tcp_ecn': '1' };
    expect(await under('measuring', { 'net.ipv4.tcp_ecn': '2' }, 'ecn_negotiated')).toBe('not_requested');
    expect(await under('measuring', asking, 'ecn_negotiated')).toBe(true);
    expect(
      await withSettings('services', { 'net.ipv4.tcp_ecn': '0' }, () => under('measuring', asking, 'ecn_negotiated')),
    ).toBe(false);
  });

  test.each([
    ['sack', 'net.ipv4.tcp_sack'],
    ['timestamps', 'net.ipv4.tcp_timestamps'],
  ])('whether both ends agreed on %s', async (id, setting) => {
    expect(await under('services', { [setting]: '1' }, id)).toBe(true);
    expect(await under('services', { [setting]: '0' }, id)).toBe(false);
  });

  test('the congestion control in use', async () => {
    for (const name of ['reno', 'cubic']) expect(await over(`congctl ${name}`, 'congestion_algorithm')).toBe(name);
  });

  test.each([1, 2])('that %d SYNs were sent again, and what that does to the times', async (lost) => {
    const before = await lostSyns();
    await lab.setPath({ ...PATH, forward: { lossPct: 100 } });
    const running = run(LAB_ADDRESSES.services4, { timeoutSeconds: 10 });
    while ((await lostSyns()) < before + lost) await new Promise((resolve) => setTimeout(resolve, 20));
    await lab.setPath(PATH);
    const { verdict, metrics } = await running;
    expect([verdict, metrics.syn_retransmits]).toEqual(['up', lost]);
    expect(metrics.connect_time_ms).toBeGreaterThan(1000 * lost);
  });
});

test.each([0, 46])('the SYN and all after it carry DSCP %d', async (dscp) => {
  for (const [address, synBytes] of [
    [LAB_ADDRESSES.services4, SYN_BYTES[4]],
    [LAB_ADDRESSES.services6, SYN_BYTES[6]],
  ] as const) {
    const sentThere = async () =>
      (await lab.truth()).filter(
        ({ direction, origin, protocol, destination }) =>
          direction === 'forward' && origin === 'host' && protocol === 6 && destination === address,
      );
    const before = (await sentThere()).length;
    await run(address, { dscp, echo: 'text' });
    const since = (await sentThere()).slice(before);
    // What has ended may still say so, from another port.
    const { sourceId: port } = since.find(({ lengthBytes }) => lengthBytes === synBytes) ?? {};
    const sent = since.filter(({ sourceId }) => sourceId === port);
    expect(sent.length).toBeGreaterThan(2);
    expect(new Set(sent.map(({ tos }) => tos >> 2))).toEqual(new Set([dscp]));
  }
});

describe('no connection through the lab', () => {
  test('to a black hole is a timeout that knows its retransmissions', async () => {
    const { verdict, finding, metrics } = judged(
      await calmRun(() =>
        watchedInHost(lab.measuring, 'tcp', ...given(LAB_ADDRESSES.blackHole4, { timeoutSeconds: 1.5 })),
      ),
    );
    expect([verdict, finding?.cause, finding?.side, metrics.syn_retransmits]).toEqual(['down', 'timeout', 'path', 1]);
  });

  test.each(['unreachable4', 'unreachable6', 'prohibited4', 'prohibited6'] as const)(
    'to %s blames the path',
    async (name) => {
      const { verdict, finding } = await run(LAB_ADDRESSES[name]);
      expect([verdict, finding?.cause, finding?.side]).toEqual(['down', 'unreachable', 'path']);
    },
  );

  test('without a route is the fault of this host', async () => {
    await lab.measuring.ip(['route add unreachable 192.0.2.1', 'route add prohibit 192.0.2.2']);
    for (const [address, cause] of [
      ['192.0.2.1', 'local_network'],
      ['192.0.2.2', 'permission'],
    ] as const) {
      const { verdict, finding } = await run(address);
      expect([verdict, finding?.cause, finding?.side]).toEqual(['unknown', cause, 'agent']);
    }
  });
});

async function lostSyns(): Promise<number> {
  return (await lab.truth()).filter(({ fate, lengthBytes }) => fate === 'lost' && lengthBytes === SYN_BYTES[4]).length;
}
