import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';
import { type Service, type ServiceConfig, startService } from '@netsonde/lab';
import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { type Control, runProbe, suiteHost } from '../run/run-probe.test-support.ts';
import { runResolved } from '../run/run-resolved.test-support.ts';
import { tcp } from './descriptor.ts';
import type { TcpObservation } from './observation.ts';
import { tcpRunner } from './run.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(config: ServiceConfig): Promise<Service & { readonly target: string }> {
  const service = await startService(config);
  closing.push(() => service.close());
  return { ...service, target: `127.0.0.1:${service.facts.port}` };
}

async function run(target: string, options: Record<string, unknown> = {}, control: Control = {}) {
  const execution = await runProbe(tcp, tcpRunner, target, { timeoutSeconds: 2, ...options }, control);
  expect(faultsOf(tcp, execution.outcome)).toEqual([]);
  return execution;
}

describe('a connection over loopback', () => {
  test("agrees with the server's view of it", async () => {
    const { target, seen } = await serve({ kind: 'tcp_echo' });
    const { outcome } = await run(target);
    expect(outcome.verdict).toBe('up');
    expect(outcome.metrics).toMatchObject({ syn_retransmits: 0, sack: true, timestamps: true, path_mtu_bytes: 65535 });
    expect(outcome.metrics.connect_time_ms).toBeGreaterThan(0);
    expect(outcome.metrics.srtt_ms).toBeLessThanOrEqual(Number(outcome.metrics.connect_time_ms) + 0.001);
    expect(outcome.absent).toMatchObject({ echo_rtt_ms: 'not_requested', ssthresh_bytes: 'not_applicable' });
    expect(outcome.detail).toEqual({ address: '127.0.0.1', family: 4 });
    expect(seen()).toEqual([]);
  });

  test('over IPv6 reports IPv6', async () => {
    const service = await startService({ kind: 'tcp_echo', host: '::1' });
    closing.push(() => service.close());
    const { outcome } = await run(`[::1]:${service.facts.port}`);
    expect([outcome.verdict, outcome.detail]).toEqual(['up', { address: '::1', family: 6 }]);
  });

  test('goes on to the next address of a name when one refuses', async () => {
    const { facts, target } = await serve({ kind: 'tcp_echo' });
    const { verdict, detail } = await runResolved(tcp, tcpRunner, target, {}, async () => [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const attempt = (address: string, outcome: string) =>
      expect.objectContaining({ address: `${address}:${facts.port}`, outcome });
    expect([verdict, detail]).toEqual([
      'up',
      {
        address: '127.0.0.1',
        family: 4,
        attempts: [attempt('127.0.0.2', 'ECONNREFUSED'), attempt('127.0.0.1', 'connected')],
        failed_attempts: [{ address: `127.0.0.2:${facts.port}`, error: 'ECONNREFUSED' }],
      },
    ]);
  });

  test('is closed when the run ends', async () => {
    const { server, port } = await listening();
    const closed = new Promise<void>((resolve) =>
      server.on('connection', (socket) => socket.resume().on('close', () => resolve())),
    );
    await run(`127.0.0.1:${port}`);
    await closed;
  });
});

describe('an echo', () => {
  test('of a given text is verified', async () => {
    const { target, seen } = await serve({ kind: 'tcp_echo' });
    const { outcome } = await run(target, { echo: 'text', send: 'größer' });
    expect([outcome.verdict, outcome.metrics.payload_verified]).toEqual(['up', true]);
    expect(outcome.metrics.echo_rtt_ms).toBeGreaterThan(0);
    await expect.poll(seen).toMatchObject([{ bytes: Buffer.byteLength('größer\n'), answers: 1 }]);
    expect(outcome.stamps).toEqual({ kernel: 1, process: 1 });
  });

  test('of lorem sentences differs from run to run', async () => {
    const received: string[] = [];
    const { server, port } = await listening();
    server.on('connection', (socket) => {
      socket.on('data', (chunk) => {
        received.push(chunk.toString());
        socket.write(chunk);
      });
    });
    for (const _ of [1, 2])
      expect((await run(`127.0.0.1:${port}`, { echo: 'lorem', sentences: 5 })).outcome.verdict).toBe('up');
    expect(received[0]?.split('. ')).toHaveLength(5);
    expect(received[0]).not.toBe(received[1]);
  });

  test('that returns in pieces is verified at its last byte', async () => {
    const send = 'one byte at a time';
    const { target } = await serve({ kind: 'peer', behaviour: 'slow', text: `${send}\n`, gapMs: 5 });
    const { outcome } = await run(target, { echo: 'text', send });
    expect(outcome.verdict).toBe('up');
    expect(outcome.metrics.echo_rtt_ms).toBeGreaterThanOrEqual(send.length * 5 * 0.9);
  });

  test.each([
    ['corrupted', { kind: 'tcp_echo', corruptEvery: 1 }, 'degraded', 'payload_mismatch', false],
    ['rubbish', { kind: 'peer', behaviour: 'rubbish' }, 'degraded', 'payload_mismatch', false],
    ['silent', { kind: 'peer', behaviour: 'silent' }, 'down', 'timeout', undefined],
    ['slower than the timeout', { kind: 'tcp_echo', delayMs: 1500 }, 'down', 'timeout', undefined],
    ['half-open', { kind: 'peer', behaviour: 'half_open' }, 'down', 'closed_early', undefined],
    ['truncated', { kind: 'peer', behaviour: 'truncating', text: 'nets' }, 'down', 'closed_early', undefined],
    ['reset after the text', { kind: 'peer', behaviour: 'resetting', text: 'x' }, 'down', 'reset', undefined],
  ] as const)("that is %s keeps the connection's figures", async (_, config, verdict, cause, verified) => {
    const { target } = await serve(config);
    const { outcome, log } = await calmly(() => run(target, { echo: 'text', timeoutSeconds: 0.4 }));
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual([verdict, cause, 'target']);
    expect(outcome.finding?.operation).toContain(target);
    expect([outcome.metrics.payload_verified, outcome.metrics.echo_rtt_ms]).toEqual([verified, undefined]);
    expect(outcome.metrics.connect_time_ms).toBeGreaterThan(0);
    expect(log.join('\n')).toContain('connected to 127.0.0.1');
  });
});

describe('no connection', () => {
  test('that is reset before the process learns of it', async () => {
    const { target } = await serve({ kind: 'peer', behaviour: 'resetting', text: '' });
    const { outcome } = await run(target, { echo: 'text' });
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['down', 'reset', 'target']);
  });

  test('to a port that refuses', async () => {
    const { target } = await serve({ kind: 'peer', behaviour: 'refusing' });
    const { outcome, log } = await run(target, { echo: 'text' });
    expect([outcome.verdict, outcome.finding]).toEqual([
      'down',
      { cause: 'refused', side: 'target', operation: `connect ${target}` },
    ]);
    expect(outcome.absent).toMatchObject({ connect_time_ms: 'run_failed', echo_rtt_ms: 'run_failed' });
    expect(log.join('\n')).toContain('ECONNREFUSED');
  });

  test('to an address that this host will not send to is unknown', async () => {
    const { outcome } = await run('[fe80::1%none9]:7');
    expect([outcome.verdict, outcome.finding?.side]).toEqual(['unknown', 'agent']);
  });

  test('to a port whose queue of connections is full times out and counts the SYNs sent again', async () => {
    const { port } = await fullBacklog();
    const { outcome } = await calmly(() => run(`127.0.0.1:${port}`, { timeoutSeconds: 1.5 }));
    expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side]).toEqual(['down', 'timeout', 'path']);
    expect(outcome.metrics).toEqual({ syn_retransmits: 1 });
    expect(outcome.absent.connect_time_ms).toBe('timed_out');
  });

  test('of the wanted family', async () => {
    const { outcome } = await run('127.0.0.1:7', { family: '6' });
    expect([outcome.verdict, outcome.finding?.cause]).toEqual(['unknown', 'unsupported']);
  });
});

describe('a run', () => {
  test('that is cancelled while it connects or waits ends at once, unknown', async () => {
    const { port } = await fullBacklog();
    const { target } = await serve({ kind: 'peer', behaviour: 'silent' });
    for (const [at, options] of [
      [`127.0.0.1:${port}`, {}],
      [target, { echo: 'text' }],
    ] as const) {
      const { outcome, stopped } = await run(
        at,
        { ...options, timeoutSeconds: 20 },
        { signal: AbortSignal.timeout(150) },
      );
      expect([outcome.verdict, outcome.finding?.cause, stopped]).toEqual(['unknown', 'cancelled', 'cancelled']);
    }
  });

  test("asks the agent's policy about the address it is connected to", async () => {
    const { target } = await serve({ kind: 'tcp_echo' });
    const asked: string[] = [];
    const policy = { refusal: (address: string) => (asked.push(address) < 2 ? null : 'loopback is not allowed') };
    const { outcome } = await run(target, {}, { host: { ...suiteHost, policy } });
    expect([outcome.verdict, outcome.finding?.cause]).toEqual(['unknown', 'policy']);
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('describes its observations as they arrive', async () => {
    const { target } = await serve({ kind: 'tcp_echo' });
    const lines: (string | null)[] = [];
    await run(
      target,
      { echo: 'lorem' },
      { onObservation: (seen) => lines.push(tcpRunner.describe(seen as TcpObservation)) },
    );
    expect(lines).toEqual([
      expect.stringMatching(/^connected to 127\.0\.0\.1 in/),
      expect.stringMatching(/^echo of \d+ bytes verified/),
    ]);
  });
});

async function listening(backlog = 511): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog }, resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, port: address.port };
}

const NEVER_ACCEPTS = `
  const server = require('node:net').createServer();
  server.listen(0, '127.0.0.1', 1, () => {
    process.stdout.write(String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30_000);
  });
`;

/** A listener whose process never accepts and whose queue of two is full: its kernel drops further SYNs. */
async function fullBacklog(): Promise<{ port: number }> {
  const child = spawn(process.execPath, ['-e', NEVER_ACCEPTS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  closing.push(() => {
    child.kill('SIGKILL');
    return ended;
  });
  const [chunk] = await once(child.stdout, 'data');
  const port = Number(String(chunk));
  for (const _ of [1, 2]) {
    const socket = createConnection({ port, host: '127.0.0.1' });
    closing.push(async () => socket.destroy());
    await once(socket, 'connect');
  }
  return { port };
}
