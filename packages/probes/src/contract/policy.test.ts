import type { ServiceConfig, ServiceFacts } from '@netsonde/lab';
import { startService } from '@netsonde/lab';
import { expect, test } from 'vitest';
import { catalog, type ProbeId } from '../registry.ts';
import { runProbe, suiteHost } from '../run/run-probe.test-support.ts';
import { runners } from '../runners.ts';
import type { ProbeDescriptor } from './descriptor.ts';
import type { Runner } from './runner.ts';

interface Case {
  readonly name: string;
  readonly probe: ProbeId;
  readonly service: ServiceConfig;
  readonly target: (facts: ServiceFacts) => string;
  readonly options?: (facts: ServiceFacts) => Readonly<Record<string, unknown>>;
  /**
   * The probe also checks the connected socket. Datagram probes send to the address that was checked, so one check is
   * enough.
   */
  readonly connects: boolean;
}

const dnsService: ServiceConfig = { kind: 'dns', encrypted: true };
const resolver = (transport: string) => (facts: ServiceFacts) => ({
  transport,
  resolver:
    transport === 'https'
      ? `https://localhost:${facts.httpsPort}/dns-query`
      : `localhost:${transport === 'tls' ? facts.tlsPort : facts.port}`,
});

const cases: readonly Case[] = [
  {
    name: 'icmp',
    probe: 'icmp',
    service: { kind: 'udp_echo' },
    target: () => 'localhost',
    connects: false,
  },
  {
    name: 'tcp',
    probe: 'tcp',
    service: { kind: 'tcp_echo' },
    target: ({ port }) => `localhost:${port}`,
    options: () => ({ echo: 'text' }),
    connects: true,
  },
  {
    name: 'udp',
    probe: 'udp',
    service: { kind: 'udp_echo' },
    target: ({ port }) => `localhost:${port}`,
    connects: false,
  },
  { name: 'ntp', probe: 'ntp', service: { kind: 'ntp' }, target: ({ port }) => `localhost:${port}`, connects: false },
  { name: 'tls', probe: 'tls', service: { kind: 'tls' }, target: ({ port }) => `localhost:${port}`, connects: true },
  {
    name: 'http',
    probe: 'http',
    service: { kind: 'http' },
    target: ({ port }) => `http://localhost:${port}/`,
    connects: true,
  },
  {
    name: 'https',
    probe: 'http',
    service: { kind: 'https' },
    target: ({ port }) => `https://localhost:${port}/`,
    connects: true,
  },
  ...['udp', 'tcp', 'tls', 'https'].map((transport) => ({
    name: `dns over ${transport}`,
    probe: 'dns' as const,
    service: dnsService,
    target: () => 'x.test',
    options: resolver(transport),
    connects: transport !== 'udp',
  })),
];

/** Runs under a policy that allows the first n addresses and refuses the rest. */
async function runUnder(leaves: number, { probe, service, target, options }: Case) {
  const running = await startService({ host: '127.0.0.1', ...service });
  const asked: string[] = [];
  const policy = {
    refusal: (address: string) => (asked.push(address) <= leaves ? null : `${address} is refused by this suite`),
  };
  try {
    const descriptor: ProbeDescriptor = catalog[probe];
    const wanted = { family: '4', timeoutSeconds: 1, ...options?.(running.facts) };
    const runner = runners[probe] as Runner;
    const execution = await runProbe(descriptor, runner, target(running.facts), wanted, {
      host: { ...suiteHost, policy },
    });
    return { ...execution, asked, seen: running.seen() };
  } finally {
    await running.close();
  }
}

test.each(cases)('$name asks the policy before anything is sent', async (probe) => {
  const { outcome, asked, seen } = await runUnder(0, probe);
  expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['unknown', 'policy', 'agent']);
  expect([asked, seen]).toEqual([['127.0.0.1'], []]);
});

test.each(cases.filter(({ connects }) => connects))('$name asks it again on the connected socket', async (probe) => {
  const { outcome, asked, seen } = await runUnder(1, probe);
  expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['unknown', 'policy', 'agent']);
  expect([asked, seen]).toEqual([['127.0.0.1', '127.0.0.1'], []]);
});
