import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '@netsonde/lab';
import { declareProbe, catalog as wholeCatalog } from '@netsonde/probes/catalog';
import { declareRunner, runners as wholeRunners } from '@netsonde/probes/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openEchoService } from '../echo-service.ts';
import { netsonde } from '../suite-terminal.test-parts.ts';

const thrown = (message: string): never => {
  throw new Error(message);
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('netsonde probe', () => {
  it('prints one JSON object with every round trip, in order of sending', async () => {
    const { code, out, err } = await netsonde([
      'probe',
      'icmp',
      '127.0.0.1',
      '--count',
      '3',
      '--interval',
      '0.01',
      '--json',
    ]);
    const report = JSON.parse(out);
    expect({ code, err, verdict: report.verdict }).toEqual({ code: 0, err: '', verdict: 'up' });
    expect(report).toMatchObject({
      probe: 'icmp',
      target: '127.0.0.1',
      metrics: { sent: 3, received: 3, loss_pct: 0 },
      timestamps: 'kernel',
    });
    expect(report.detail.rtts).toHaveLength(3);
    const mean = report.detail.rtts.reduce((sum: number, rtt: number) => sum + rtt, 0) / 3;
    expect(report.metrics.rtt_avg_ms).toBeCloseTo(mean, 9);
  });

  it('exits with 1 and prints the cause when the target is down', async () => {
    const { code, out } = await netsonde(['probe', 'tcp', `127.0.0.1:${await closedPort()}`, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'down',
      cause: 'refused',
      absent: { connect_time_ms: 'run_failed' },
    });
  });

  it('prints what was measured, and what was not and why, as text', async () => {
    const service = await startService({ kind: 'tcp_echo' });
    closing.push(() => service.close());
    const { code, out } = await netsonde(['probe', 'tcp', `127.0.0.1:${service.facts.port}`]);
    expect(code).toBe(0);
    expect(out).toMatch(/TCP connection 127\.0\.0\.1:\d+: up/);
    expect(out).toMatch(/Connect time +[\d.]+ (µs|ms)/);
    expect(out).toMatch(/not requested: Echo round trip/);
  });

  it.each([
    [['probe', 'icmp', '-oProxyCommand=x'], /oProxyCommand/],
    [['probe', 'icmp', '--', '-oProxyCommand=x'], /^target .*oProxyCommand/],
    [['probe', 'icmp', 'http://[::1'], /^target .*URL/],
    [['probe', 'icmp', 'a'.repeat(300)], /^target /],
    [['probe', 'icmp', ''], /^target is empty/],
    [['probe', 'icmp', '127.0.0.1', '--count', 'many'], /^--count: "many" is no number/],
    [['probe', 'icmp', '127.0.0.1', '--count', '0'], /^--count: 0 is out of range: 1 to 10000/],
    [['probe', 'icmp', '127.0.0.1', '--count', '1.5'], /^--count: 1\.5 is not a whole number/],
    [['probe', 'icmp', '127.0.0.1', '--dscp', '64'], /^--dscp: 64 is out of range: 0 to 63/],
    [['probe', 'icmp', '127.0.0.1', '--codec', 'mp3'], /^--codec: "mp3" is none of/],
    [['probe', 'icmp', '127.0.0.1', '--colour', 'red'], /unknown option '--colour'/],
    [['probe', 'icmp'], /missing required argument 'target'/],
    [['probe', 'nothing', 'x'], /unknown command 'nothing'/],
    [['probe', 'tcp', '127.0.0.1:1', '--send', ''], /^--send: it is empty: write a text, or leave the flag out\n$/],
    [['probe', 'dns', 'x.test', '--server-name', 'a b'], /^--server-name: "a b": write a host name/],
    [['probe', 'dns', 'x.test', '--expect-answers', ''], /^--expect-answers: it is empty/],
    [['probe', 'http', 'http://127.0.0.1:1/', '--header', 'x'], /^--header: "x": write a header as "Name: value"/],
    [
      ['probe', 'http', 'https://127.0.0.1:1/', '--ca', '/nowhere.pem'],
      /^--ca: the file "\/nowhere.pem" cannot be read/,
    ],
    [['probe', 'http', 'https://127.0.0.1:1/', '--ca', import.meta.filename], /^--ca: the file .* holds no PEM text/],
    [['token', 'create'], /either --admin or --agent/],
    [['token', 'create', '--agent', '--name', ''], /^--name: write 1 to 100/],
    [['echo', '--host', '300.1.1.1'], /^--host: "300\.1\.1\.1" is no address: write one of this host/],
    [['echo', '--host', '192.0.2.77', '--port', '0'], /^--host: 192\.0\.2\.77 is no address of this host/],
    [['agent', '--server', 'http://127.0.0.1:1', '--deny', 'foo'], /^--deny: "foo" is no address range/],
    [['echo', '--port', '70000'], /^--port: "70000" is no port/],
    [['server'], /^SERVER_PORT/, { SERVER_PORT: 'many' }],
  ] as const)('refuses %j with code 2 and says what is wrong', async (args, message, env: NodeJS.ProcessEnv = {}) => {
    const { code, out, err } = await netsonde(args, { env });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('exits with 3 and says so when it fails itself, without a verdict on the target', async () => {
    const broken = { ...wholeRunners.tcp, summarize: () => thrown('no sum today') } as typeof wholeRunners.tcp;
    const port = await closedPort();
    const inSum = await netsonde(['probe', 'tcp', `127.0.0.1:${port}`], { runners: { tcp: broken } });
    const atLoad = await netsonde(['probe', 'tcp', '127.0.0.1:1', '--json'], {
      runners: new Proxy({}, { get: () => thrown('no library here') }),
    });
    expect([atLoad.code, atLoad.out]).toEqual([3, '']);
    expect(atLoad.err).toMatch(/^netsonde: nothing is known of 127\.0\.0\.1:1: .*no library here.*\n$/);
    expect(inSum.code).toBe(3);
  });

  it('names the port option when the echo port is taken', async () => {
    const first = await openEchoService('127.0.0.1', 0);
    closing.push(() => first.close());
    const { code, err } = await netsonde(['echo', '--port', String(first.port)]);
    expect(code).toBe(3);
    expect(err).toMatch(
      /^netsonde: --port: another program listens on 127\.0\.0\.1 port \d+ already: stop it, or choose/,
    );
  });

  it('reads authorities from a file and from their text', async () => {
    const service = await startService({ kind: 'https' });
    closing.push(() => service.close());
    const { rootPem = '' } = service.facts;
    const folder = mkdtempSync(join(tmpdir(), 'netsonde-ca-'));
    closing.push(async () => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, rootPem);
    const url = `https://127.0.0.1:${service.facts.port}/`;
    expect((await netsonde(['probe', 'http', url])).code).toBe(1);
    for (const ca of [file, rootPem])
      expect(await netsonde(['probe', 'http', url, '--ca', ca])).toMatchObject({ code: 0, err: '' });
  });

  it('states the longest allowed text of an option', async () => {
    const { code, err } = await netsonde(['probe', 'http', 'http://127.0.0.1:1/', '--body', 'b'.repeat(70_000)]);
    expect({ code, err }).toEqual({ code: 2, err: '--body: it has 70000 characters: 65536 at most\n' });
  });

  it('never reports kernel time stamps where nothing was timed', async () => {
    const { out } = await netsonde(['probe', 'http', 'http://127.0.0.1:1/', '--json']);
    expect(JSON.parse(out)).toMatchObject({ timestamps: 'process', stamps: { kernel: 0, process: 0 } });
  });

  it('has help that fits a terminal for every probe, and shows no empty default', async () => {
    for (const id of Object.keys(wholeCatalog)) {
      const { out } = await netsonde(['probe', id, '--help']);
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(out).not.toMatch(/\[\]|default "|default false/);
    }
    expect((await netsonde(['probe', 'dns', '--help'])).out).toMatch(/--expect-rcode <choice>/);
    expect((await netsonde(['probe', 'http', '--help'])).out).toMatch(/--ca <file>.*PEM file, or its\s+text/s);
  });

  it('prints its version', async () => {
    expect(await netsonde(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('supports an additional probe of the catalog in help, flags and run, with no other change', async () => {
    const dice = declareProbe({
      id: 'dice',
      label: 'Dice',
      summary: 'Throws dice',
      target: { form: 'host' },
      options: z.strictObject({
        sides: z.int().min(2).max(100).default(6).meta({ label: 'Sides', description: 'Sides of each die' }),
      }),
      metrics: [
        {
          id: 'sides',
          label: 'Sides',
          description: 'As asked',
          kind: 'integer',
          unit: null,
          better: 'neither',
          aggregate: 'last',
          source: 'the option',
        },
      ],
      samples: [],
      instance: null,
      needs: [],
      cost: () => ({ packets: 0, bytes: 0, seconds: 1, leastSeconds: 0, resolvingSeconds: 0 }),
    });
    const runner = declareRunner(dice, {
      async *run(_context, _target, { sides }) {
        yield sides;
      },
      summarize: ([sides]) => ({
        verdict: 'up',
        metrics: { sides: Number(sides) },
        absent: {},
        stamps: { kernel: 0, process: 1 },
        detail: {},
      }),
      describe: () => null,
    });
    const parts = { catalog: { dice }, runners: { dice: runner } };
    expect((await netsonde(['probe', '--help'], parts)).out).toMatch(/dice .*Throws dice/s);
    expect((await netsonde(['probe', 'dice', '--help'], parts)).out).toMatch(/--sides <integer> +Sides of each die/);
    expect(
      JSON.parse((await netsonde(['probe', 'dice', 'table', '--sides', '20', '--json'], parts)).out).metrics,
    ).toEqual({ sides: 20 });
  });
});
