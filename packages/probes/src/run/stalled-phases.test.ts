import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { makeAuthority } from '@netsonde/lab';
import { afterAll, describe, expect, test } from 'vitest';
import type { Outcome, Span } from '../contract/outcome.ts';
import { http } from '../http/descriptor.ts';
import type { Transaction } from '../http/observation.ts';
import { summarize } from '../http/summarize.ts';
import { calmRun, type Watched } from './calm-run.test-support.ts';
import type { Execution } from './execute.ts';
import { thisHost, watchedInHost } from './run-in-host.test-support.ts';
import { withoutStalledFigures } from './stalled-figures.ts';

/** What the process waits for while it is suspended. `after`: its handshake has ended. */
type Phase = 'tls' | 'after' | 'first byte' | 'body';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.splice(0)) close();
});

/** The process that measures. It is suspended once, and resumed after a while. */
class Agent {
  readonly #suspendedMs: number;
  #pid = 0;

  constructor(suspendedMs: number) {
    this.#suspendedMs = suspendedMs;
  }

  readonly host = thisHost((child) => {
    this.#pid = child.pid ?? 0;
    closing.push(() => child.kill('SIGKILL'));
  });

  /** Returns as soon as it is suspended. */
  async suspend(): Promise<void> {
    const pid = this.#pid;
    process.kill(pid, 'SIGSTOP');
    await until(() => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
    setTimeout(() => process.kill(pid, 'SIGCONT'), this.#suspendedMs);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Whether the far end's kernel has all that was sent on the socket, and its process has read all of it. */
function isRead({ localPort = 0, remotePort = 0 }: Socket): boolean {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'latin1').split('\n');
  const queues = (from: number, to: number) =>
    rows.map((row) => row.trim().split(/\s+/)).find((row) => row[1]?.endsWith(hex(from)) && row[2]?.endsWith(hex(to)));
  const sent = queues(localPort, remotePort)?.[4]?.split(':')[0];
  const unread = queues(remotePort, localPort)?.[4]?.split(':')[1];
  return sent === '00000000' && unread === '00000000';
}

const BODY = 'x'.repeat(1000);
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${2 * BODY.length}\r\nConnection: close\r\n\r\n`;

/** Answers one connection of http or dns, and suspends the agent in that phase. */
function answer(socket: Socket, raw: Socket, phase: Phase, agent: Agent): void {
  socket.on('error', () => {});
  socket.once('data', async (asked: Buffer) => {
    if (phase === 'first byte') await agent.suspend();
    if (asked.toString('latin1').startsWith('GET ')) {
      socket.write(HEAD + BODY);
      if (phase === 'body') {
        await until(() => isRead(raw));
        await agent.suspend();
      }
      socket.end(BODY);
    } else {
      const reply = Buffer.from(asked);
      reply.writeUInt8(reply.readUInt8(4) | 0x80, 4);
      socket.write(reply);
    }
  });
}

async function listen(server: Server): Promise<number> {
  closing.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Served {
  readonly port: number;
  readonly ca: string;
}

async function serve(isSecure: boolean, phase: Phase, agent: Agent): Promise<Served> {
  if (!isSecure) return { port: await listen(createServer((socket) => answer(socket, socket, phase, agent))), ca: '' };
  const authority = makeAuthority();
  const { chainPem: cert, keyPem: key } = authority.issue();
  const raws = new Map<number | undefined, Socket>();
  const server = createTlsServer({
    cert,
    key,
    SNICallback(_name, proceed) {
      if (phase !== 'tls') proceed(null);
      else agent.suspend().then(() => proceed(null), proceed);
    },
  });
  server.on('connection', (raw: Socket) => raws.set(raw.remotePort, raw));
  server.on('secureConnection', async (socket) => {
    const raw = raws.get(socket.remotePort) ?? socket;
    if (phase === 'after') await agent.suspend();
    answer(socket, raw, phase, agent);
  });
  return { port: await listen(server), ca: authority.rootPem };
}

interface Case {
  readonly name: string;
  readonly probe: 'http' | 'tls' | 'dns';
  readonly secure: boolean;
  readonly phase: Phase;
  readonly target: (port: number) => string;
  readonly options: (served: Served) => Readonly<Record<string, unknown>>;
  readonly stalled: readonly string[];
  readonly measured: readonly string[];
}

const https = {
  probe: 'http',
  secure: true,
  target: (port: number) => `https://localhost:${port}/`,
  options: ({ ca }: Served) => ({ ca, family: '4' }),
} as const;
const tls = {
  probe: 'tls',
  secure: true,
  target: (port: number) => `127.0.0.1:${port}`,
  options: ({ ca }: Served) => ({ ca, servername: 'localhost', minDaysLeft: 0 }),
} as const;
const dns = { probe: 'dns', target: () => 'x.test' } as const;
const overTcp = {
  ...dns,
  secure: false,
  options: ({ port }: Served) => ({ resolver: `127.0.0.1:${port}`, transport: 'tcp' }),
} as const;
const overTls = {
  ...dns,
  secure: true,
  options: ({ port, ca }: Served) => ({ resolver: `127.0.0.1:${port}`, transport: 'tls', ca, serverName: 'localhost' }),
} as const;
const WHOLE = ['ttfb_ms', 'total_time_ms'];

const cases: readonly Case[] = [
  {
    name: 'https in the handshake',
    ...https,
    phase: 'tls',
    stalled: ['tls_time_ms', ...WHOLE],
    measured: ['dns_time_ms', 'connect_time_ms', 'download_time_ms', 'status'],
  },
  {
    name: 'https before the first byte',
    ...https,
    phase: 'first byte',
    stalled: [...WHOLE, 'download_time_ms'],
    measured: ['dns_time_ms', 'connect_time_ms', 'tls_time_ms', 'status'],
  },
  {
    name: 'https in the body',
    ...https,
    phase: 'body',
    stalled: ['download_time_ms', 'total_time_ms', 'throughput_bps'],
    measured: ['dns_time_ms', 'connect_time_ms', 'tls_time_ms', 'ttfb_ms', 'body_bytes'],
  },
  {
    name: 'tls in the handshake',
    ...tls,
    phase: 'tls',
    stalled: ['handshake_time_ms'],
    measured: ['connect_time_ms', 'validation_time_ms', 'days_left'],
  },
  {
    name: 'tls after the handshake',
    ...tls,
    phase: 'after',
    stalled: [],
    measured: ['connect_time_ms', 'handshake_time_ms', 'validation_time_ms', 'days_left'],
  },
  {
    name: 'dns over tcp before the answer',
    ...overTcp,
    phase: 'first byte',
    stalled: ['resolution_time_ms'],
    measured: ['setup_time_ms', 'rcode'],
  },
  {
    name: 'dns over tls in the handshake',
    ...overTls,
    phase: 'tls',
    stalled: ['setup_time_ms'],
    measured: ['resolution_time_ms', 'rcode'],
  },
  {
    name: 'dns over tls before the answer',
    ...overTls,
    phase: 'first byte',
    stalled: ['resolution_time_ms'],
    measured: ['setup_time_ms', 'rcode'],
  },
];

describe.each([500, 4000])('a process that is suspended for %i ms', (suspendedMs) => {
  test.concurrent.each(cases)(
    'during $name lacks the figures of that phase and no others',
    async ({ probe, secure, phase, target, options, stalled, measured }) => {
      const once = async (): Promise<Watched<Execution>> => {
        const agent = new Agent(suspendedMs);
        const served = await serve(secure, phase, agent);
        const wanted = { timeoutSeconds: 8, ...options(served) };
        const { result } = await watchedInHost(agent.host, probe, target(served.port), wanted);
        // The machine itself may stall the process too, in another phase.
        const others = idsOf(result.outcome, 'stalled').filter((id) => !stalled.includes(id));
        return { result, stalledMs: others.length === 0 ? 0 : Number.POSITIVE_INFINITY };
      };
      const { outcome, stalledMs } = await calmRun(once);
      const log = JSON.stringify(outcome);
      expect(outcome.verdict, log).toBe('up');
      expect(stalledMs, log).toBeGreaterThan(0);
      expect(idsOf(outcome, 'stalled'), log).toEqual([...stalled].sort());
      expect(Object.keys(outcome.metrics), log).toEqual(expect.arrayContaining([...measured]));
    },
    120_000,
  );
});

const idsOf = ({ absent }: Outcome, reason: string): string[] =>
  Object.keys(absent)
    .filter((id) => absent[id] === reason)
    .sort();

/** A transaction from 1000 to 6000 ms on the run's clock: each phase lasts one second. */
const PHASES: Readonly<Record<'resolve' | 'connect' | 'tls' | 'first byte' | 'body', Span>> = {
  resolve: { fromMs: 1000, toMs: 2000 },
  connect: { fromMs: 2000, toMs: 3000 },
  tls: { fromMs: 3000, toMs: 4000 },
  'first byte': { fromMs: 4000, toMs: 5000 },
  body: { fromMs: 5000, toMs: 6000 },
};
const transaction: Transaction = {
  kind: 'transaction',
  role: 'plain',
  startedMs: 1000,
  hops: [
    {
      url: 'https://x.test/',
      dnsMs: 1000,
      dnsDuring: [PHASES.resolve],
      connection: {
        address: '192.0.2.1',
        connectMs: 1000,
        connectBy: 'process',
        connectDuring: [PHASES.connect],
        tlsMs: 1000,
        tlsDuring: [PHASES.tls],
        tls: null,
      },
      head: {
        status: 200,
        protocol: 'HTTP/1.1',
        rawHeaders: [],
        firstByteMs: 4000,
        waitMs: 1000,
        irregularities: new Set(),
      },
      failedAttempts: [],
      endMs: 5000,
      wireBytes: 5200,
      originKnown: false,
    },
  ],
  fault: null,
  body: { encodedBytes: 5000, decodedBytes: 5000, encoding: null, truncated: false, bytesAfterFirstRead: 4000 },
  contentFaults: [],
  wallMs: 1_700_000_000_000,
};
const DOWNLOAD = ['download_time_ms', 'throughput_bps'];

test.each([
  ['resolve', ['dns_time_ms', ...WHOLE]],
  ['connect', ['connect_time_ms', ...WHOLE]],
  ['tls', ['tls_time_ms', ...WHOLE]],
  ['first byte', [...DOWNLOAD, ...WHOLE]],
  ['body', [...DOWNLOAD, 'total_time_ms']],
] as const)('a stall in the phase %s of an http run makes these figures absent: %j', (phase, absent) => {
  const target = { text: 'https://x.test/', host: 'x.test', port: 443, url: 'https://x.test/' };
  const outcome = summarize([transaction], target, http.options.parse({}));
  const stall = PHASES[phase];
  const stalledMs = ({ fromMs, toMs }: Span) =>
    Math.max(0, Math.min(toMs, stall.toMs) - Math.max(fromMs, stall.fromMs));
  const judged = withoutStalledFigures(http, outcome, { fromMs: 0, toMs: 7000 }, stalledMs);
  expect(idsOf(judged, 'stalled')).toEqual([...absent].sort());
});
