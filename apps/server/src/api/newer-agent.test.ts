import { type AgentMessage, type AgentRecord, nextInstant, phaseMs } from '@netsonde/protocol';
import type { LedgerRow, Result, Test } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
let made: Test;
/** The first instants of the agent's check. */
let instants: readonly number[];

beforeEach(async () => {
  let aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'newer' });
  const body = {
    name: 'loop',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp' }],
    agents: { by: 'any', count: 1 },
    interval: 1,
    duration: null,
  };
  made = (await server.call<Test>('POST', '/tests', body, admin)).body;
  const [check] = await agent.obey((checks) => checks.length === 1);
  const { startMs, intervalMs, targets } = check as NonNullable<typeof check>;
  const phase = phaseMs(agent.id, made.checks[0]?.id ?? 0, targets[0]?.target ?? 0, intervalMs);
  const first = nextInstant({ intervalMs, phaseMs: phase, startMs, endMs: null }, startMs) ?? startMs;
  instants = Array.from({ length: 400 }, (_, i) => first + i * intervalMs);
  aheadMs = 3_600_000;
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

/** A result of the agent's check at the instant with index `place`. */
const run = (seq: number, more: object): AgentRecord =>
  ({
    t: 'run',
    seq,
    check: made.checks[0]?.id,
    target: made.targets[0]?.id,
    at: instants[seq],
    late: 0,
    took: 1,
    verdict: 'unknown',
    finding: { cause: 'timeout', side: 'path', operation: 'echo' },
    metrics: {},
    absent: { rtt_avg_ms: 'timed_out' },
    stamps: { kernel: 0, process: 0 },
    ...more,
  }) as AgentRecord;

const results = async (): Promise<readonly Result[]> =>
  (await server.call<{ results: Result[] }>('GET', `/tests/${made.id}/results?limit=1000`, undefined, admin)).body
    .results;

test('words that only a newer agent knows are stored and returned unchanged', async () => {
  await agent.deliver([
    run(0, {
      finding: { cause: 'solar_flare', side: 'orbit', operation: 'echo', confidence: 1 },
      absent: { rtt_avg_ms: 'too_dark', sunlight_lx: 'too_dark' },
      flags: ['on_battery'],
      instances: [{ key: 'orbit/1', metrics: { height_km: 400 }, absent: {}, colour: 'red' }],
      link: { carrier: true },
    }),
  ]);
  expect(await results()).toMatchObject([
    {
      finding: { cause: 'solar_flare', side: 'orbit', operation: 'echo' },
      absent: { rtt_avg_ms: 'too_dark', sunlight_lx: 'too_dark' },
      flags: ['on_battery'],
      instances: [{ key: 'orbit/1', metrics: { height_km: 400 } }],
      detail: { newer_fields: { link: { carrier: true } } },
    },
  ]);
});

test('missed runs with an unknown reason are counted under its word', async () => {
  const { check, target } = run(0, {}) as { check: number; target: number };
  const [from, to] = [instants[0] ?? 0, instants[2] ?? 0];
  await agent.deliver([
    { t: 'missed', seq: 0, check, target, from, to, count: 3, reason: 'hibernating', depth: 2 } as never,
  ]);
  const { body } = await server.call<{ rows: LedgerRow[] }>('GET', `/ledger?test=${made.id}`, undefined, admin);
  expect(body.rows[0]?.missed).toEqual({ hibernating: 3 });
});

test('messages and fields that only a newer agent knows do not end the session', async () => {
  agent.send({ type: 'weather', sky: 'clear' } as unknown as AgentMessage);
  agent.send({ type: 'time', id: 1, agentMs: Date.now(), leap: true } as unknown as AgentMessage);
  expect((await agent.next('time')).id).toBe(1);
  await agent.deliver([run(0, {})]);
});

test('an agent may use a bounded number of unknown words, and only words', async () => {
  const records = Array.from({ length: 256 }, (_, i) => run(i, { flags: [`flag_${i}`] }));
  for (let at = 0; at < records.length; at += 64) await agent.deliver(records.slice(at, at + 64));
  const items = [run(256, { flags: ['one_more'] }), run(257, { flags: ['No Word'] })];
  agent.send({ type: 'records', kind: 'live', epoch: 1, items });
  expect(await agent.next('refused')).toMatchObject({
    seq: 256,
    reason: expect.stringMatching(/^flags\.0: .*256 other words/),
  });
  expect(await agent.next('refused')).toMatchObject({
    seq: 257,
    reason: expect.stringMatching(/^flags\.0: must be a word/),
  });
  await agent.deliver([run(258, { flags: ['flag_3'] }), run(259, {})]);
  expect(await results()).toHaveLength(258);
});

test('unknown ids of metrics and samples count among an agent’s unknown words, and declared ones do not', async () => {
  const instance = (id: string) => [{ key: 'a', metrics: { [id]: 1 }, absent: {} }];
  const more = (i: number): object =>
    [
      { metrics: { [`new_${i}_ms`]: i } },
      { absent: { rtt_avg_ms: 'timed_out', [`new_${i}_ms`]: 'timed_out' } },
      { samples: { [`new_${i}_ms`]: [i] } },
      { instances: instance(`new_${i}_ms`) },
    ][i % 4] ?? {};
  const records = Array.from({ length: 256 }, (_, i) => run(i, more(i)));
  for (let at = 0; at < records.length; at += 64) await agent.deliver(records.slice(at, at + 64));
  const items = [
    run(256, { metrics: { invented: 1 } }),
    run(257, { absent: { invented: 'timed_out' } }),
    run(258, { samples: { invented: [1] } }),
    run(259, { instances: instance('invented') }),
  ];
  agent.send({ type: 'records', kind: 'live', epoch: 1, items });
  for (const [seq, path] of [
    [256, 'metrics'],
    [257, 'absent'],
    [258, 'samples'],
    [259, 'instances.0.metrics'],
  ] as const)
    expect(await agent.next('refused')).toEqual(
      expect.objectContaining({ seq, reason: expect.stringContaining(`${path}.invented: is unknown to this server`) }),
    );
  await agent.deliver([
    run(260, { metrics: { new_3_ms: 1, rtt_avg_ms: 1, sent: 1 }, absent: {}, samples: { rtts_ms: [1, null] } }),
  ]);
  expect((await results()).map(({ seq }) => seq)).toEqual([260, ...Array.from({ length: 256 }, (_, i) => 255 - i)]);
});
