import type { ServiceConfig, ServiceFacts } from '@netsonde/lab';
import { describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import type { ProbeDescriptor } from '../contract/descriptor.ts';
import type { Runner } from '../contract/runner.ts';
import { catalog, type ProbeId } from '../registry.ts';
import { runners } from '../runners.ts';
import { calmly } from './calm-run.test-support.ts';
import { runProbe } from './run-probe.test-support.ts';
import { startServiceProcess } from './service-process.test-support.ts';

/** Long enough for a service on a busy machine, which answers after {@link ANSWER_MS} at the earliest. */
const TIMEOUT_S = 0.5;
/** Longer than the timeout allows, even for a probe that asks twice. */
const STALL_MS = 1200;
/**
 * When the process is stalled, from the start of the run: as the first packet is sent, and while the answer is in
 * flight.
 */
const MOMENTS_MS = [0, 60];
/** Long after the question was sent. */
const LATER_MS = 200;
const ANSWER_MS = 120;

interface Case {
  readonly name: string;
  readonly probe: ProbeId;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Answers within the timeout, while the process is stalled. */
  readonly answering: ServiceConfig;
  readonly silent: ServiceConfig;
  readonly target: (facts: ServiceFacts) => string;
  readonly optionsOf?: (facts: ServiceFacts) => Readonly<Record<string, unknown>>;
}

const mute: ServiceConfig = { kind: 'peer', behaviour: 'silent' };
const records = [{ type: 'A', ttl: 60, data: '192.0.2.1' }] as const;
const resolver: ServiceConfig = { kind: 'dns', encrypted: true, zone: { 'x.test': { records, delayMs: ANSWER_MS } } };
const muteResolver: ServiceConfig = { kind: 'dns', encrypted: true, zone: { 'x.test': { drop: true } } };
const at = ({ port }: ServiceFacts) => `127.0.0.1:${port}`;
const trusted = ({ rootPem = '' }: ServiceFacts) => ({ ca: rootPem, serverName: 'localhost' });

const cases: readonly Case[] = [
  {
    name: 'tcp echo',
    probe: 'tcp',
    options: { echo: 'text' },
    answering: { kind: 'tcp_echo', delayMs: ANSWER_MS },
    silent: mute,
    target: at,
  },
  {
    name: 'udp',
    probe: 'udp',
    options: { count: 2, intervalSeconds: 0.01 },
    answering: { kind: 'udp_echo', delayMs: ANSWER_MS },
    silent: { kind: 'udp_echo', dropEvery: 1 },
    target: at,
  },
  {
    name: 'ntp',
    probe: 'ntp',
    options: { count: 1 },
    answering: { kind: 'ntp', processingMs: ANSWER_MS },
    silent: { kind: 'ntp', silent: true },
    target: at,
  },
  {
    name: 'http',
    probe: 'http',
    answering: { kind: 'http', behaviour: { delayMs: ANSWER_MS } },
    silent: mute,
    target: (facts) => `http://${at(facts)}/`,
  },
  {
    name: 'https, over a redirect',
    probe: 'http',
    answering: { kind: 'https', maxVersion: 'TLSv1.2', behaviour: { redirects: 1 } },
    silent: { kind: 'https', behaviour: { delayMs: 60_000 } },
    target: ({ port }) => `https://localhost:${port}/`,
    optionsOf: ({ rootPem = '' }) => ({ ca: rootPem, family: '4' }),
  },
  {
    name: 'tls',
    probe: 'tls',
    options: { minDaysLeft: 0, servername: 'localhost' },
    answering: { kind: 'tls', maxVersion: 'TLSv1.2', handshakeDelayMs: ANSWER_MS },
    silent: mute,
    target: at,
    optionsOf: ({ rootPem = '' }) => ({ ca: rootPem }),
  },
  {
    name: 'dns over udp',
    probe: 'dns',
    answering: resolver,
    silent: muteResolver,
    target: () => 'x.test',
    optionsOf: (facts) => ({ resolver: at(facts), transport: 'udp' }),
  },
  {
    name: 'dns over tcp',
    probe: 'dns',
    answering: resolver,
    silent: muteResolver,
    target: () => 'x.test',
    optionsOf: (facts) => ({ resolver: at(facts), transport: 'tcp' }),
  },
  {
    name: 'dns over tls',
    probe: 'dns',
    answering: resolver,
    silent: muteResolver,
    target: () => 'x.test',
    optionsOf: (facts) => ({ resolver: `127.0.0.1:${facts.tlsPort}`, transport: 'tls', ...trusted(facts) }),
  },
  {
    name: 'dns over https',
    probe: 'dns',
    answering: resolver,
    silent: muteResolver,
    target: () => 'x.test',
    optionsOf: (facts) => ({
      resolver: `https://127.0.0.1:${facts.httpsPort}/dns-query`,
      transport: 'https',
      ...trusted(facts),
    }),
  },
];

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Runs a probe and stalls this process from `momentMs` after the start. */
async function stalledRun(
  { probe, options, optionsOf, target }: Case,
  facts: ServiceFacts,
  momentMs: number | null,
  signal: AbortSignal = new AbortController().signal,
) {
  const descriptor: ProbeDescriptor = catalog[probe];
  const wanted = { timeoutSeconds: TIMEOUT_S, ...options, ...optionsOf?.(facts) };
  const running = runProbe(descriptor, runners[probe] as Runner, target(facts), wanted, { signal });
  if (momentMs === 0) setImmediate(standStill, STALL_MS);
  else if (momentMs !== null) setTimeout(standStill, momentMs, STALL_MS);
  const { outcome, log } = await running;
  expect(faultsOf(descriptor, outcome), log.join('\n')).toEqual([]);
  return { said: [outcome.verdict, outcome.finding?.cause, outcome.finding?.side], log: log.join('\n') };
}

describe.each(cases)('$name by a process', (probe) => {
  test('that was stalled past its deadline reads the answer that arrived meanwhile', async () => {
    const facts = await startServiceProcess(probe.answering);
    for (const moment of MOMENTS_MS) {
      const { said, log } = await stalledRun(probe, facts, moment);
      expect(said, `${moment} ms: ${log}`).toEqual(['up', undefined, undefined]);
    }
  });

  test('that was stalled reports a silent target as unknown, and as down if it was not stalled', async () => {
    const facts = await startServiceProcess(probe.silent);
    const watchful = await calmly(() => stalledRun(probe, facts, null));
    expect(watchful.said.slice(0, 2)).toEqual(['down', 'timeout']);
    const { said, log } = await stalledRun(probe, facts, LATER_MS);
    expect(said, log).toEqual(['unknown', 'local_resource', 'agent']);
  });

  test('that is stopped while it waits reports unknown', async () => {
    const facts = await startServiceProcess(probe.silent);
    const { said } = await stalledRun(probe, facts, null, AbortSignal.timeout(LATER_MS));
    expect(said).toEqual(['unknown', 'cancelled', 'agent']);
  });
});
