import type { ServiceConfig, ServiceFacts } from '@netsonde/lab';
import { expect, test } from 'vitest';
import type { Runner } from '../contract/runner.ts';
import { catalog, type ProbeId } from '../registry.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { startServiceProcess } from '../run/service-process.test-support.ts';
import { runners } from '../runners.ts';

/** Shorter than what counts as a stall, far longer than a handshake over loopback. */
const BUSY_MS = 200;

interface Case {
  readonly name: string;
  readonly probe: ProbeId;
  readonly service: ServiceConfig;
  readonly target: (at: string) => string;
  readonly options?: (at: string) => Readonly<Record<string, unknown>>;
  readonly metric: string;
  readonly stamps: { readonly kernel: number; readonly process: number };
}

const dnsService: ServiceConfig = {
  kind: 'dns',
  zone: { 'x.test': { records: [{ type: 'A', ttl: 60, data: '192.0.2.1' }] } },
};
const cases: readonly Case[] = [
  {
    name: 'tcp',
    probe: 'tcp',
    service: { kind: 'tcp_echo' },
    target: (at) => at,
    metric: 'connect_time_ms',
    stamps: { kernel: 1, process: 0 },
  },
  {
    name: 'http',
    probe: 'http',
    service: { kind: 'http' },
    target: (at) => `http://${at}/`,
    metric: 'connect_time_ms',
    stamps: { kernel: 1, process: 1 },
  },
  {
    name: 'tls',
    probe: 'tls',
    service: { kind: 'tls' },
    target: (at) => at,
    metric: 'connect_time_ms',
    stamps: { kernel: 1, process: 1 },
  },
  {
    name: 'dns over tcp',
    probe: 'dns',
    service: dnsService,
    target: () => 'x.test',
    options: (resolver) => ({ resolver, transport: 'tcp' }),
    metric: 'setup_time_ms',
    stamps: { kernel: 0, process: 1 },
  },
];

const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test.each(cases)(
  'the connect time of $name leaves out that this process was busy when the connection was established',
  async ({ probe, service, target, options, metric, stamps }) => {
    const { port }: ServiceFacts = await startServiceProcess(service);
    const at = `127.0.0.1:${port}`;
    const { signal } = new AbortController();
    const running = runProbe(catalog[probe], runners[probe] as Runner, target(at), options?.(at), { signal });
    setImmediate(standStill, BUSY_MS);
    const { outcome, tookMs, log } = await running;
    expect(tookMs, 'the run was held up').toBeGreaterThan(BUSY_MS - 10);
    expect(outcome.metrics[metric], log.join('\n')).toBeLessThan(BUSY_MS / 2);
    expect(outcome.stamps).toEqual(stamps);
  },
);
