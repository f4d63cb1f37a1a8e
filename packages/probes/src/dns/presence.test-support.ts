import type { DnsConfig, Zone } from '@netsonde/lab';
import type { Stage } from '../presence/stage.test-support.ts';
import { type Expected, longerThan, type Shown, type Truth } from '../presence/truth.test-support.ts';

const SLOW_MS = 2500;

const zone: Zone = {
  'plain.lab.test': { records: [{ type: 'A', ttl: 300, data: '10.0.0.1' }] },
  'signed.lab.test': {
    records: [
      { type: 'A', ttl: 600, data: '10.0.0.1' },
      { type: 'A', ttl: 120, data: '10.0.0.2' },
    ],
    authenticated: true,
    truncate: true,
  },
  'slow.lab.test': { records: [{ type: 'A', ttl: 300, data: '10.0.0.1' }], delayMs: SLOW_MS },
};

type Asked = Readonly<Record<string, unknown>>;

async function shown(stage: Stage, name: string, asked: Asked, expects: Record<string, Expected>): Promise<Shown> {
  const { at } = await stage.serve({ kind: 'dns', zone });
  return { outcome: await stage.run('dns', name, { resolver: at, timeoutSeconds: 8, ...asked }), expects };
}

async function overTls(stage: Stage, config: Partial<DnsConfig>, setUpMs: number): Promise<Shown> {
  const { facts, ca } = await stage.serve({ kind: 'dns', zone, encrypted: true, ...config });
  const options = { resolver: `127.0.0.1:${facts.tlsPort}`, transport: 'tls', timeoutSeconds: 8, ca };
  const outcome = await stage.run('dns', 'plain.lab.test', options);
  return { outcome, expects: { setup_time_ms: longerThan(setUpMs) } };
}

async function fromCache(stage: Stage, runs: number, hitPct: number): Promise<Shown> {
  const { at } = await stage.serve({ kind: 'dns', zone, caching: true });
  const ask = () => stage.run('dns', 'plain.lab.test', { resolver: at, cacheQueries: 3 });
  for (let before = 1; before < runs; before++) await ask();
  return { outcome: await ask(), expects: { cache_hit_pct: hitPct } };
}

export const dnsTruths: readonly Truth[] = [
  {
    made: 'a zone with one unsigned record',
    show: (stage) =>
      shown(
        stage,
        'plain.lab.test',
        { dnssec: true },
        {
          resolution_time_ms: longerThan(0),
          rcode: 0,
          answers: 1,
          ttl_min_s: 300,
          authenticated_data: false,
          truncated: false,
        },
      ),
  },
  {
    made: 'a zone with two verified records that are cut over UDP',
    show: (stage) =>
      shown(
        stage,
        'signed.lab.test',
        { dnssec: true },
        { answers: 2, ttl_min_s: 120, authenticated_data: true, truncated: true },
      ),
  },
  {
    made: 'a zone without the name',
    show: (stage) => shown(stage, 'nobody.lab.test', {}, { rcode: 3 }),
  },
  {
    made: `a server that takes ${SLOW_MS} ms`,
    show: (stage) => shown(stage, 'slow.lab.test', {}, { resolution_time_ms: longerThan(SLOW_MS) }),
  },
  { made: 'a TLS server that answers at once', show: (stage) => overTls(stage, {}, 0) },
  {
    made: `a TLS server that holds the handshake back by ${SLOW_MS} ms`,
    show: (stage) => overTls(stage, { handshakeDelayMs: SLOW_MS }, SLOW_MS),
  },
  { made: 'a cache that nobody asked before', show: (stage) => fromCache(stage, 1, 0) },
  { made: 'a cache that was asked before', show: (stage) => fromCache(stage, 2, 100) },
];
