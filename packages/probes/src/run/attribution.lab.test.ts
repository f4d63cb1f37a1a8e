import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PairOfHosts, pairOfHosts, roundTripsOf, startCapture } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calmRun } from './calm-run.test-support.ts';
import type { Execution } from './execute.ts';
import { type HostRun, type ProgramHost, runAllInHost } from './run-in-host.test-support.ts';

/** The measuring host is 10.201.0.2 and fd00:201::2; the far host is its gateway, 10.201.0.1 and fd00:201::1. */
const TARGETS = {
  /** On the link, but no host has it. */
  neighbour: { 4: '10.201.0.78', 6: 'fd00:201::78' },
  /** Behind the gateway; no host has it, and no router reports that. */
  beyond: { 4: '198.51.100.9', 6: '2001:db8:100::9' },
  /** Behind a gateway address that no host has. */
  behindNobody: { 4: '203.0.113.9', 6: '2001:db8:113::9' },
  /** Behind the gateway, which reports that it has no route to it. */
  reported: { 4: '192.0.2.9', 6: '2001:db8:2::9' },
  /** No route leads to it. */
  routeless: { 4: '100.64.0.9', 6: '2001:db8:64::9' },
} as const;
const RESOLVER = '198.51.100.53';

type Family = 4 | 6;
type Said = readonly [verdict: string, side: string, cause?: string];

interface Cut {
  readonly name: string;
  readonly target: keyof typeof TARGETS;
  readonly expected: Said;
  /** What to do before and after it. */
  readonly make?: () => Promise<void>;
  readonly restore?: () => Promise<void>;
}

let hosts: PairOfHosts;
let folder: string;
const far = (...commands: readonly string[]) => hosts.far.ip(commands);
const AGENT: Said = ['unknown', 'agent', 'local_network'];

const cuts: readonly Cut[] = [
  { name: 'no route leads to the target', target: 'routeless', expected: AGENT },
  { name: 'a gateway that nobody has', target: 'behindNobody', expected: AGENT },
  {
    name: 'a gateway that answered until a moment ago',
    target: 'beyond',
    expected: AGENT,
    async make() {
      for (const address of [hosts.far.address4, hosts.far.address6])
        await hosts.measuring.exec('ping', ['-c', '1', '-W', '2', address]);
      await far('address del 10.201.0.1/24 dev cable', 'address del fd00:201::1/64 dev cable');
    },
    restore: () => far('address add 10.201.0.1/24 dev cable', 'address add fd00:201::1/64 dev cable nodad'),
  },
  {
    name: 'a cable that carries no signal',
    target: 'beyond',
    expected: AGENT,
    make: () => far('link set cable down'),
    restore: () => far('link set cable up', 'address replace fd00:201::1/64 dev cable nodad'),
  },
  { name: 'a silent target on the link', target: 'neighbour', expected: ['down', 'target'] },
  { name: 'a silent target behind a gateway that answers', target: 'beyond', expected: ['down', 'path', 'timeout'] },
  {
    name: 'a silent target behind a gateway that answers no ICMP',
    target: 'beyond',
    expected: ['down', 'path', 'timeout'],
    async make() {
      await hosts.far.sysctl('net.ipv4.icmp_echo_ignore_all', '1');
      await hosts.far.sysctl('net.ipv6.icmp.echo_ignore_all', '1');
    },
    async restore() {
      await hosts.far.sysctl('net.ipv4.icmp_echo_ignore_all', '0');
      await hosts.far.sysctl('net.ipv6.icmp.echo_ignore_all', '0');
    },
  },
  {
    name: 'a gateway that reports that it has no way',
    target: 'reported',
    // A router limits its ICMP errors per second, so some of several simultaneous runs would see only silence.
    expected: ['down', 'path'],
    async make() {
      await hosts.far.sysctl('net.ipv4.icmp_ratelimit', '0');
      await hosts.far.sysctl('net.ipv6.icmp.ratelimit', '0');
      await hosts.far.sysctl('net.ipv4.ip_forward', '1');
      await hosts.far.sysctl('net.ipv6.conf.all.forwarding', '1');
      await far('route replace unreachable 192.0.2.0/24', 'route replace unreachable 2001:db8:2::/48');
    },
    async restore() {
      await hosts.far.sysctl('net.ipv4.ip_forward', '0');
      await hosts.far.sysctl('net.ipv6.conf.all.forwarding', '0');
    },
  },
];

/** Runs all probes against one address, or against a name if the resolver is cut off. */
function runsAgainst(host: string, resolver: string): Record<string, HostRun> {
  const written = host.includes(':') ? `[${host}]` : host;
  const at = (port: number) => `${written}:${port}`;
  const timeoutSeconds = 1;
  const train = { timeoutSeconds, count: 2, intervalSeconds: 0.1 };
  const asked = resolver === '' ? '' : resolver.includes(':') ? `[${resolver}]:53` : `${resolver}:53`;
  return {
    icmp: { probe: 'icmp', target: host, options: train },
    udp: { probe: 'udp', target: at(7), options: train },
    tcp: { probe: 'tcp', target: at(80), options: { timeoutSeconds } },
    'dns over udp': { probe: 'dns', target: 'x.test', options: { timeoutSeconds, resolver: asked, transport: 'udp' } },
    'dns over tcp': { probe: 'dns', target: 'x.test', options: { timeoutSeconds, resolver: asked, transport: 'tcp' } },
    http: { probe: 'http', target: `http://${written}/`, options: { timeoutSeconds } },
    tls: { probe: 'tls', target: at(443), options: { timeoutSeconds } },
    ntp: { probe: 'ntp', target: host, options: { timeoutSeconds, count: 2 } },
    'ntp, asked once': { probe: 'ntp', target: host, options: { timeoutSeconds, count: 1 } },
  };
}

function saidOf({ outcome: { verdict, finding } }: Execution, { length }: Said): unknown[] {
  return [verdict, finding?.side, finding?.cause].slice(0, length);
}

/** All probes at once, and for how long the process that ran them was stalled. */
async function watchedRuns(host: ProgramHost, target: string, resolver: string) {
  const result = await runAllInHost(host, runsAgainst(target, resolver));
  const stalls = Object.values(result).map(({ stalledMs, outcome }) =>
    outcome.finding?.cause === 'local_resource' ? Number.POSITIVE_INFINITY : stalledMs,
  );
  return { result, stalledMs: Math.max(...stalls) };
}

beforeAll(async () => {
  hosts = await pairOfHosts();
  folder = mkdtempSync(join(tmpdir(), 'netsonde-cuts-'));
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${RESOLVER}\noptions timeout:1 attempts:1\n`);
  await routes();
  // Over IPv6, a host without a route reports that, even if it does not forward.
  await far('route add blackhole 198.51.100.0/24', 'route add blackhole 2001:db8:100::/48');
});
afterAll(async () => {
  await hosts.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Routes of the measuring host. Cutting the cable removes those of IPv6. */
async function routes(): Promise<void> {
  const via = (prefix: string, gateway: string) => `route replace ${prefix} via ${gateway} dev cable onlink`;
  const { address4, address6 } = hosts.far;
  await hosts.measuring.ip([
    via('198.51.100.0/24', address4),
    via('192.0.2.0/24', address4),
    via('203.0.113.0/24', '10.201.0.77'),
    via('2001:db8:100::/48', address6),
    via('2001:db8:2::/48', address6),
    via('2001:db8:113::/48', 'fd00:201::77'),
  ]);
}

const tables: Record<string, Readonly<Record<string, Execution>>> = {};

describe.each(cuts)('$name', (cut) => {
  beforeAll(async () => {
    await routes();
    await hosts.measuring.ip(['neigh flush dev cable']);
    await cut.make?.();
    for (const family of [4, 6] as const) {
      const host = TARGETS[cut.target][family];
      tables[`${cut.name} ${family}`] = await calmRun(() => watchedRuns(hosts.measuring, host, host));
    }
    await cut.restore?.();
  }, 180_000);

  test.each([4, 6] as const)('gets the same verdict from all probes over IPv%i', (family: Family) => {
    const executions = tables[`${cut.name} ${family}`] ?? {};
    const said = Object.entries(executions).map(([name, execution]) => [name, saidOf(execution, cut.expected)]);
    const wanted = Object.keys(runsAgainst('', '')).map((name) => [name, [...cut.expected]]);
    expect(Object.fromEntries(said), JSON.stringify(executions)).toEqual(Object.fromEntries(wanted));
  });

  test.each([4, 6] as const)('loses packets only where the fault is not the agent’s over IPv%i', (family: Family) => {
    const executions = tables[`${cut.name} ${family}`] ?? {};
    if (cut.expected === AGENT) assertNoLoss(executions);
    else
      for (const name of ['icmp', 'udp'])
        expect(executions[name]?.outcome.metrics, name).toMatchObject({ sent: 2, received: 0, loss_pct: 100 });
  });
});

/** The only figure that runs without an answer may have when the fault is the agent's. */
const SENT = ['sent'];

function assertNoLoss(executions: Readonly<Record<string, Execution>>): void {
  for (const [name, { outcome }] of Object.entries(executions)) {
    expect(
      Object.keys(outcome.metrics).filter((id) => !SENT.includes(id)),
      name,
    ).toEqual([]);
    expect(Object.values(outcome.absent), name).not.toEqual(expect.arrayContaining(['timed_out']));
    expect(Object.values(outcome.absent), name).not.toEqual(expect.arrayContaining(['no_responder']));
    expect(outcome.samples ?? {}, name).toEqual({});
  }
}

describe('a cable that is cut while a train runs', () => {
  /** Echoes that the far host answered. The measuring host also pings itself, so its own counts contain more. */
  const answersSoFar = async (): Promise<number> => {
    const { stdout } = await hosts.far.exec('cat', ['/proc/net/snmp']);
    const [names = [], values = []] = stdout
      .split('\n')
      .filter((line) => line.startsWith('Icmp:'))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf('OutEchoReps')]);
  };

  test('keeps each round trip that a capture saw and states no loss', async () => {
    await routes();
    const before = await answersSoFar();
    const capture = await startCapture(hosts.measuring, hosts.device, 'icmp');
    const train = { count: 40, intervalSeconds: 0.1, timeoutSeconds: 1 };
    const running = runAllInHost(hosts.measuring, { icmp: { probe: 'icmp', target: '10.201.0.1', options: train } });
    while ((await answersSoFar()) < before + 4) await new Promise((resolve) => setTimeout(resolve, 20));
    await far('link set cable down');
    const { icmp } = await running;
    const answered = roundTripsOf(await capture.stop()).filter(({ backAtNs }) => backAtNs.length > 0);
    await far('link set cable up', 'address replace fd00:201::1/64 dev cable nodad');
    expect(saidOf(icmp as Execution, AGENT)).toEqual([...AGENT]);
    const { metrics, absent, samples } = (icmp as Execution).outcome;
    const measured = samples?.rtts_ms ?? [];
    expect(answered.length).toBeGreaterThanOrEqual(4);
    expect(measured).toHaveLength(answered.length);
    expect(measured.every((rtt) => typeof rtt === 'number')).toBe(true);
    expect(metrics.sent).toBeGreaterThan(measured.length);
    expect(metrics.rtt_avg_ms).toBeGreaterThan(0);
    const withheld = { received: 'run_failed', loss_pct: 'run_failed', mos: 'run_failed', r_factor: 'run_failed' };
    expect(absent).toMatchObject(withheld);
  }, 60_000);
});

describe('a resolver of the system', () => {
  /** The measuring host with its own resolver settings. */
  const host = {
    exec: (program: string, args: readonly string[]) => {
      const line = ['--mount', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"'];
      return hosts.measuring.exec('unshare', [...line, join(folder, 'resolv.conf'), program, ...args]);
    },
  };
  const saidByAll = async (expected: Said) => {
    const executions = await calmRun(() => watchedRuns(host, 'host.test', ''));
    return Object.fromEntries(Object.entries(executions).map(([name, one]) => [name, saidOf(one, expected)]));
  };
  const everywhere = (said: Said) =>
    Object.fromEntries(Object.keys(runsAgainst('', '')).map((name) => [name, [...said]]));

  test('that is dead behind a live gateway makes all targets unknown, on the resolver’s side', async () => {
    await routes();
    const said: Said = ['unknown', 'resolver'];
    expect(await saidByAll(said)).toEqual(everywhere(said));
  }, 120_000);

  test('that is unreachable over this host’s cut cable makes all targets unknown, on the agent’s side', async () => {
    await far('link set cable down');
    expect(await saidByAll(AGENT)).toEqual(everywhere(AGENT));
    await far('link set cable up');
  }, 120_000);
});
