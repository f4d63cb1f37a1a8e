import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Host, type HttpBehaviour, LAB_ADDRESSES } from '@netsonde/lab';
import { losingTwoSyns, type Stage, TWO_SYNS_AGAIN_MS } from '../presence/stage.test-support.ts';
import {
  type Expected,
  endingWith,
  longerThan,
  near,
  type Range,
  type Shown,
  type Truth,
} from '../presence/truth.test-support.ts';

const DAY_MS = 86_400_000;
const SLOW_MS = 2500;
const SLOW_HANDSHAKE_MS = 3500;
const NAME = 'www.lab.test';

type Asked = Readonly<Record<string, unknown>>;
type Expects = Record<string, Expected>;

async function shown(stage: Stage, behaviour: HttpBehaviour, expects: Expects, asked: Asked = {}): Promise<Shown> {
  const { at } = await stage.serve({ kind: 'http', behaviour });
  return { outcome: await stage.run('http', `http://${at}/`, asked), expects };
}

/** A server that sends exactly these bytes. */
async function saying(stage: Stage, text: string, expects: Expects): Promise<Shown> {
  const { at } = await stage.serve({ kind: 'peer', behaviour: 'truncating', text });
  return { outcome: await stage.run('http', `http://${at}/`), expects: { ...expects, wire_bytes: text.length } };
}

async function packed(stage: Stage, body: string): Promise<Shown> {
  return shown(stage, { body, gzip: true }, { compression_ratio: body.length / gzipSync(body).length });
}

async function secured(stage: Stage, untilDays: number, handshakeDelayMs: number): Promise<Shown> {
  const { at, ca, facts } = await stage.serve({ kind: 'https', certificate: { untilDays }, handshakeDelayMs });
  const outcome = await stage.run('http', `https://${at}/`, { ca });
  const daysLeft = (Number(facts.notAfterMs) - Date.now()) / DAY_MS;
  const expects = { tls_time_ms: endingWith(handshakeDelayMs), certificate_days_left: near(daysLeft, 0.001) };
  return { outcome, expects };
}

/** Five parts, of which the last four arrive after the first read; the server determines their minimum duration. */
async function streamed(stage: Stage, bodyBytes: number, chunkGapMs: number): Promise<Shown> {
  const { least, most } = endingWith(4 * chunkGapMs);
  const restBytes = (4 * bodyBytes) / 5;
  const expects = {
    download_time_ms: { least, most },
    throughput_bps: { least: (8000 * restBytes) / most, most: (8000 * bodyBytes) / least },
  };
  return shown(stage, { bodyBytes, chunks: 5, chunkGapMs }, expects, { maxBodyBytes: 2 * bodyBytes });
}

/** Through the system's own resolver, which the lab's DNS server answers late, and over a path that loses the first two SYNs. */
async function resolved(stage: Stage, resolverMs: number): Promise<Shown> {
  const zone = {
    [NAME]: { records: [{ type: 'A', ttl: 0, data: LAB_ADDRESSES.services4 }], delayMs: resolverMs },
  } as const;
  const services = [{ kind: 'http' }, { kind: 'dns', port: 53, zone }] as const;
  const folder = await mkdtemp(join(tmpdir(), 'netsonde-resolver-'));
  try {
    const file = join(folder, 'resolv.conf');
    await writeFile(file, `nameserver ${LAB_ADDRESSES.services4}\n`);
    const outcome = await stage.runInNewLab(() => stage.openLab({ path: losingTwoSyns, services }), 'http', {
      hostOf: ({ measuring }) => resolvingBy(measuring, file),
      targetOf: ({ running }) => `http://${NAME}:${running.facts[0]?.port}/`,
      optionsOf: () => ({ family: '4' }),
    });
    const expects = { dns_time_ms: longerThan(resolverMs), connect_time_ms: longerThan(TWO_SYNS_AGAIN_MS) };
    return { outcome, expects };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The host with this file as its /etc/resolv.conf, which only the programs that it starts see. */
function resolvingBy(host: Host, file: string): Pick<Host, 'exec'> {
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const wrapper = ['--mount', '--propagation', 'private', 'sh', '-c', script, file];
  return { exec: (program, args = []) => host.exec('unshare', [...wrapper, program, ...args]) };
}

const answersWith = (status: number, of: string, requests: number): Truth => ({
  made: `${requests} answers with status ${status}`,
  show: (stage) => shown(stage, { status }, { status, [`responses_${of}`]: requests }, { requests }),
});

const redirecting = (redirects: number): Truth => ({
  made: `a server that redirects ${redirects} times`,
  show: (stage) => shown(stage, { redirects }, { redirects, responses_3xx: redirects }),
});

const edged = (made: string, behaviour: HttpBehaviour, savedPct: Range): Truth => ({
  made,
  show: (stage) => shown(stage, { edge: true, ...behaviour }, { cdn_time_saved_pct: savedPct }, { cdnCompare: 1 }),
});

const phases: readonly Truth[] = [
  {
    made: 'a server that answers at once',
    show: (stage) =>
      shown(stage, {}, { ttfb_ms: longerThan(0), download_time_ms: longerThan(0), total_time_ms: longerThan(0) }),
  },
  {
    made: `a server that takes ${SLOW_MS} ms`,
    show: (stage) =>
      shown(stage, { delayMs: SLOW_MS }, { ttfb_ms: longerThan(SLOW_MS), total_time_ms: longerThan(SLOW_MS) }),
  },
  {
    made: 'a name that this host itself knows',
    async show(stage) {
      const { facts } = await stage.serve({ kind: 'http' });
      const outcome = await stage.run('http', `http://localhost:${facts.port}/`, { family: '4' });
      return { outcome, expects: { dns_time_ms: longerThan(0), connect_time_ms: longerThan(0) } };
    },
  },
  {
    made: 'a slow resolver of the lab, and a path that loses the first two SYNs',
    show: (stage) => resolved(stage, SLOW_MS),
  },
  { made: 'a certificate of 30 days and a quick handshake', show: (stage) => secured(stage, 30, 0) },
  {
    made: `a certificate of 90 days and a handshake of ${SLOW_HANDSHAKE_MS} ms`,
    show: (stage) => secured(stage, 90, SLOW_HANDSHAKE_MS),
  },
  { made: 'a body of 100 kB, its parts 500 ms apart', show: (stage) => streamed(stage, 100_000, 500) },
  { made: 'a body of 6 MB, its parts 1 s apart', show: (stage) => streamed(stage, 6_000_000, 1000) },
];

const content: readonly Truth[] = [
  {
    made: 'five bytes over HTTP/1.1',
    show: (stage) =>
      saying(stage, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { body_bytes: 5, protocol: 'HTTP/1.1' }),
  },
  {
    made: 'thirteen bytes over HTTP/1.0',
    show: (stage) =>
      saying(stage, 'HTTP/1.0 203 Fine\r\nServer: x\r\n\r\nuntil the end', { body_bytes: 13, protocol: 'HTTP/1.0' }),
  },
  { made: 'a text that packs well', show: (stage) => packed(stage, 'needle '.repeat(1000)) },
  { made: 'a text that packs better', show: (stage) => packed(stage, 'a'.repeat(50_000)) },
  redirecting(1),
  redirecting(3),
  answersWith(200, '2xx', 1),
  answersWith(204, '2xx', 3),
  answersWith(404, '4xx', 1),
  answersWith(410, '4xx', 2),
  answersWith(500, '5xx', 1),
  answersWith(503, '5xx', 2),
];

const caching: readonly Truth[] = [
  {
    made: 'a server that keeps connections',
    show: (stage) => shown(stage, {}, { connection_reuse_pct: 100 }, { requests: 3 }),
  },
  {
    made: 'a server that closes them',
    show: (stage) => shown(stage, { keepAlive: false }, { connection_reuse_pct: 0 }, { requests: 3 }),
  },
  {
    made: 'headers of Cloudflare, a cache hit and the server’s own times',
    show: (stage) =>
      shown(
        stage,
        { header: ['CF-RAY: 1-FRA', 'Age: 7', 'Server-Timing: db;dur=12, total;dur=40.5'] },
        { cdn: 'Cloudflare', cache_hit_pct: 100, server_time_ms: 40.5, database_time_ms: 12 },
      ),
  },
  {
    made: 'headers of Fastly, a cache miss and other times',
    show: (stage) =>
      shown(
        stage,
        { header: ['X-Served-By: cache-fra-1', 'X-Cache: MISS', 'Server-Timing: sql-read;dur=3, app;dur=9'] },
        { cdn: 'Fastly', cache_hit_pct: 0, server_time_ms: 9, database_time_ms: 3 },
      ),
  },
  edged('an edge at hand before an origin that takes 3 s', { originDelayMs: 3000 }, { least: 75, most: 100 }),
  edged(
    'an edge that takes 2 s before an origin that takes as long',
    { originDelayMs: 2000, delayMs: 2000 },
    { least: 20, most: 70 },
  ),
];

export const httpTruths: readonly Truth[] = [...caching, ...phases, ...content];
