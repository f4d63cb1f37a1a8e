import type { AgentCapability, AgentRecord, Drop } from '@netsonde/protocol';
import type { ledgerSchema, Test } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { backdatePlan, plannedInstants } from './plan.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from './server.test-support.ts';

type Ledger = z.output<typeof ledgerSchema>;

let server: TestServer;
let admin: Credentials;
const agents: TestAgent[] = [];

beforeAll(async () => {
  server = await startServer();
  admin = await tokenOf(server, await setUp(server), 'admin');
});
afterAll(async () => {
  for (const agent of agents) await agent.close();
  await server.close();
});

async function connect(name: string): Promise<TestAgent> {
  const agent = await connectAgent(server, admin, { name });
  agents.push(agent);
  return agent;
}

interface Made {
  readonly test: number;
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
}

async function makeTest(agent: TestAgent): Promise<Made> {
  const body = {
    name: 'door',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp' }],
    agents: { by: 'chosen', agents: [agent.id] },
    interval: 1,
  };
  const { body: made } = await server.call<Test>('POST', '/tests', body, admin);
  backdatePlan(server, Date.now() - 3_600_000);
  const [check = 0, target = 0] = [made.checks[0]?.id, made.targets[0]?.id];
  return { test: made.id, agent: agent.id, check, target, intervalMs: made.interval * 1000 };
}

const record = (seq: number, made: Made): AgentRecord => ({
  t: 'run',
  seq,
  check: made.check,
  target: made.target,
  at: plannedInstants(made, Date.now() - 1_800_000, seq + 1)[seq] ?? 0,
  late: 0,
  took: 1,
  verdict: 'up',
  metrics: {},
  absent: {},
  stamps: { kernel: 0, process: 0 },
});

test('an agent that floods with progress is rejected with the cause, and acknowledged results are stored', async () => {
  const agent = await connect('talker');
  const ids = await makeTest(agent);
  await agent.deliver([record(0, ids), record(1, ids)]);
  for (let n = 0; n < 1500; n += 1)
    agent.send({ type: 'progress', check: ids.check, target: ids.target, at: 1, line: 'x' });
  const rejected = await agent.next('rejected');
  expect(rejected).toMatchObject({ code: 'bad_message', retry: true });
  expect(rejected.message).toMatch(/"progress" frames came too fast/);
  expect(server.log.join('')).toMatch(/session with agent \d+ \(talker\) ended: bad_message: .*progress/);
  const { body } = await server.call<{ results: unknown[] }>('GET', `/tests/${ids.test}/results`, undefined, admin);
  expect(body.results).toHaveLength(2);
});

test('a status that is too large is rejected for its size', async () => {
  const agent = await connect('boaster');
  const capability = (n: number): AgentCapability => ({
    id: `c${n}`,
    available: true,
    note: 'ü'.repeat(300),
    mend: 'ü'.repeat(300),
  });
  const capabilities = Array.from({ length: 40 }, (_, n) => capability(n));
  const spool = { records: 0, bytes: 0, oldestAt: null, dropped: 0 };
  agent.send({ type: 'status', loopDelayP99Ms: null, running: 0, spool, capabilities });
  expect((await agent.next('rejected')).message).toMatch(/a "status" frame of \d+ bytes came: 32768 at most/);
});

test('an agent that has lost many records at once may report all of them', async () => {
  const agent = await connect('loser');
  const ids = await makeTest(agent);
  const drops = 3000;
  const instants = plannedInstants(ids, Date.now() - 3_500_000, drops);
  for (const [place, at] of instants.entries()) {
    const seq = 2 * place;
    const runs = [{ check: ids.check, target: ids.target, count: 1, from: at, to: at }];
    agent.send({ type: 'drops', epoch: 1, drops: [{ fromSeq: seq, toSeq: seq, reason: 'torn', runs, count: 1 }] });
  }
  for (let acknowledged = 0; acknowledged < drops; acknowledged += 1) await agent.next('ack');
  const { body } = await server.call<{ rows: { dropped: unknown }[] }>(
    'GET',
    `/ledger?test=${ids.test}`,
    undefined,
    admin,
  );
  expect(body.rows.map(({ dropped }) => dropped)).toEqual([{ torn: drops }]);
});

test('lost records that the agent cannot read are reported by agent and stay outstanding in its rows', async () => {
  const agent = await connect('unreadable');
  const ids = await makeTest(agent);
  const drop: Drop = { fromSeq: 0, toSeq: 6, reason: 'corrupt', runs: [], count: 7 };
  agent.send({ type: 'drops', epoch: 1, drops: [drop] });
  await agent.next('ack');
  const ledger = async (query: string) => (await server.call<Ledger>('GET', `/ledger${query}`, undefined, admin)).body;
  const dropsOfAgent = [{ agent: agent.id, agentName: 'unreadable', dropped: { corrupt: 7 } }];
  const { unreadable } = await ledger(`?agent=${agent.id}`);
  expect(unreadable).toEqual(dropsOfAgent);
  expect((await ledger('')).unreadable).toEqual(dropsOfAgent);
  const ofTest = await ledger(`?test=${ids.test}`);
  expect(ofTest.unreadable).toEqual([]);
  for (const { expected, stored, outstanding } of ofTest.rows) expect(stored + outstanding).toBe(expected);
});
