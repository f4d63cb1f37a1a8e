import type { AgentRecord, AssignedCheck, Drop } from '@netsonde/protocol';
import type { Agent, LedgerRow, Result } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from '../api/agent.test-support.ts';
import { plannedInstants } from '../api/plan.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer } from '../api/server.test-support.ts';

const INTERVAL_MS = 1000;

/** The server's clock, near the machine's clock that retention uses. */
let nowMs: number;
let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
let check: AssignedCheck;

beforeEach(async () => {
  nowMs = Date.now();
  server = await startServer({ now: () => nowMs });
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'a1' });
  await makeTest([agent.id]);
  [check] = (await agent.obey((checks) => checks.length === 1)) as [AssignedCheck];
});

afterEach(async () => {
  await agent.close();
  await server.close();
});

const makeTest = (agents: number[], targets = ['192.0.2.1']) =>
  server.call<{ id: number }>(
    'POST',
    '/tests',
    {
      name: 'plan',
      targets: targets.map((address) => ({ address })),
      checks: [{ probe: 'icmp' }],
      agents: { by: 'chosen', agents },
      interval: INTERVAL_MS / 1000,
      duration: null,
    },
    admin,
  );

const planned = () => ({
  agent: agent.id,
  check: check.check,
  target: check.targets[0]?.target ?? 0,
  intervalMs: check.intervalMs,
});

/** The first planned instants of the series. */
const instants = (count: number): readonly number[] => plannedInstants(planned(), check.startMs, count);

const run = (seq: number, at: number, more: Partial<AgentRecord> = {}): AgentRecord =>
  ({
    t: 'run',
    seq,
    check: check.check,
    target: check.targets[0]?.target ?? 0,
    at,
    late: 1,
    took: 1,
    verdict: 'up',
    metrics: {},
    absent: {},
    stamps: { kernel: 0, process: 1 },
    ...more,
  }) as AgentRecord;

async function ledgerRow(): Promise<LedgerRow> {
  const { body } = await server.call<{ rows: LedgerRow[] }>('GET', '/ledger', undefined, admin);
  expect(body.rows).toHaveLength(1);
  return body.rows[0] as LedgerRow;
}

const shownAgent = async () => (await server.call<Agent>('GET', `/agents/${agent.id}`, undefined, admin)).body;

/** Waits until the server has settled all records, stored or refused. */
async function settle(items: AgentRecord[], by = agent): Promise<Map<number, string>> {
  const open = new Set(items.map(({ seq }) => seq));
  const reasons = new Map<number, string>();
  by.send({ type: 'records', kind: 'live', epoch: 1, items });
  while (open.size > 0) {
    const message = await by.settled();
    if (message.type === 'refused') {
      reasons.set(message.seq, message.reason);
      open.delete(message.seq);
    } else for (const [from, to] of message.ranges) for (let seq = from; seq <= to; seq += 1) open.delete(seq);
  }
  return reasons;
}

test('a result is stored only at a planned instant, and refused ones are counted by reason', async () => {
  const [first = 0, second = 0] = instants(2);
  nowMs = second + 10;
  const reasons = await settle([
    run(0, first),
    run(1, second + 1),
    run(2, first + 3_600_000),
    run(3, first - INTERVAL_MS),
    run(4, second, { verdict: 'fine' as never }),
    run(5, first, { target: 1_000_000 }),
    run(6, first, { check: 77 }),
  ]);
  expect([...reasons.keys()]).toEqual([1, 2, 3, 4]);
  expect(reasons.get(1)).toMatch(/^at: the plan has no run/);
  expect(reasons.get(2)).toMatch(/in the future/);
  const results = await server.call<{ results: Result[] }>('GET', '/tests/1/results', undefined, admin);
  expect(results.body.results.map(({ seq }) => seq)).toEqual([0]);
  expect(await ledgerRow()).toMatchObject({
    expected: 2,
    stored: 1,
    refused: { malformed: 1 },
    outstanding: 0,
  });
  expect((await shownAgent()).refused).toEqual({ not_planned: 2, future: 1, malformed: 1 });
  expect((await shownAgent()).unplanned).toMatchObject({ records: 2 });
});

test('repeated runs after a clock step back are stored, even before the start, and the ledger counts them apart', async () => {
  const [first = 0, second = 0] = instants(2);
  nowMs = second + 10;
  const flags = ['repeated' as const];
  const items = [run(0, first), run(1, second), run(2, first, { flags }), run(3, first - 3600_000, { flags })];
  expect(await settle(items)).toEqual(new Map());
  const results = await server.call<{ results: Result[] }>('GET', '/tests/1/results', undefined, admin);
  expect(results.body.results).toHaveLength(4);
  expect(await ledgerRow()).toMatchObject({ expected: 2, stored: 2, repeated: 2, refused: {}, outstanding: 0 });
});

test('repeated runs are refused from a day before the start on, and once there are more than the plan has had instants', async () => {
  const [first = 0] = instants(1);
  // Far enough from the machine's clock that the time which the test takes does not matter.
  nowMs = first + 99 * INTERVAL_MS + 10;
  const flags = ['repeated' as const];
  const halfDays = Array.from({ length: 2000 }, (_, i) => run(i, first - (i + 1) * 43_200_000, { flags }));
  const sameInstant = Array.from({ length: 150 }, (_, i) => run(2000 + i, first, { flags }));
  for (let from = 0; from < 2000; from += 100) await settle(halfDays.slice(from, from + 100));
  const reasons = await settle(sameInstant);
  // The first of them is the only run of its instant, so it counts as one that repeats none.
  expect([reasons.get(2098), reasons.get(2099)]).toEqual([
    undefined,
    expect.stringMatching(/^at: as many repeated runs of check \d+, target \d+ are stored as the plan has had/),
  ]);
  const kept = await server.call<Result[]>('GET', '/tests/1/export.json', undefined, admin);
  expect(kept.body).toHaveLength(101);
  expect(Math.min(...kept.body.map(({ at }) => Date.parse(at)))).toBe(first - 86_400_000);
  expect((await shownAgent()).refused).toEqual({ not_planned: 2049 });
  // The bound grows with the server's time, not with what the agent says of its clock.
  agent.send({ type: 'time', id: 1, agentMs: nowMs - 3_600_000 });
  await agent.next('time');
  nowMs += INTERVAL_MS;
  expect((await settle([run(3000, first, { flags }), run(3001, first, { flags })])).size).toBe(1);
});

test('records of another agent’s checks are refused with two log lines, however many there are', async () => {
  const forger = await connectAgent(server, admin, { name: 'forger' });
  const [first = 0] = instants(1);
  nowMs = first + 10;
  let seq = 0;
  for (let frame = 0; frame < 20; frame += 1) {
    const items = Array.from({ length: 100 }, () => run(seq, first, { seq: seq++ }));
    await settle(items, forger);
  }
  const results = await server.call<{ results: Result[] }>('GET', '/tests/1/results', undefined, admin);
  expect(results.body.results).toEqual([]);
  const view = await server.call<Agent>('GET', `/agents/${forger.id}`, undefined, admin);
  expect(view.body.refused).toEqual({ not_planned: 2000 });
  expect((await shownAgent()).refused).toEqual({});
  expect(server.log.filter((line) => line.includes('refused, the first'))).toHaveLength(1);
  await forger.close();
});

test('an instant is counted once, however often an agent sends its run', async () => {
  const [first = 0, second = 0, third = 0, fourth = 0] = instants(4);
  nowMs = first + 99 * INTERVAL_MS + 10;
  const again = await settle(Array.from({ length: 150 }, (_, seq) => run(seq, first)));
  expect(again.get(101)).toMatch(/^at: as many repeated runs/);
  const lost = {
    t: 'missed',
    check: check.check,
    target: planned().target,
    from: second,
    to: third,
    count: 2,
  } as const;
  const reasons = await settle([
    { ...lost, seq: 150, reason: 'agent_off' },
    { ...lost, seq: 151, reason: 'agent_off' },
    run(152, fourth, { verdict: 'fine' as never }),
    run(153, fourth, { verdict: 'fine' as never }),
  ]);
  expect(reasons.get(151)).toMatch(/are accounted for already$/);
  expect(await ledgerRow()).toMatchObject({
    expected: 100,
    stored: 1,
    repeated: 100,
    missed: { agent_off: 2 },
    refused: { malformed: 1 },
    outstanding: 96,
  });
  expect((await shownAgent()).coveragePct).toBeLessThanOrEqual(100);
});

test('counts of missed and dropped runs are limited to the planned instants', async () => {
  const target = check.targets[0]?.target ?? 0;
  const [first = 0] = instants(1);
  nowMs = first + 9 * INTERVAL_MS + 10;
  const wide = { check: check.check, target, from: 0, to: first + 4 * INTERVAL_MS };
  await settle([{ t: 'missed', seq: 0, ...wide, count: 2 ** 50, reason: 'agent_off' }]);
  const drop: Drop = {
    fromSeq: 1,
    toSeq: 1,
    reason: 'disk_full',
    runs: [{ ...wide, from: first + 5 * INTERVAL_MS, to: 2 ** 52, count: 2 ** 51 }],
    count: 2 ** 51 + 2 ** 50,
  };
  agent.send({ type: 'drops', epoch: 1, drops: [drop] });
  await agent.settled();
  expect(await ledgerRow()).toMatchObject({
    expected: 10,
    missed: { agent_off: 5 },
    dropped: { disk_full: 5 },
    outstanding: 0,
  });
});

test('drops that name stored instants, again and again, leave the sum of the ledger as it is', async () => {
  const target = check.targets[0]?.target ?? 0;
  const due = instants(10);
  const [first = 0] = due;
  nowMs = first + 9 * INTERVAL_MS + 10;
  await settle(due.slice(0, 8).map((at, seq) => run(seq, at)));
  const runs = [{ check: check.check, target, from: first, to: first + 9 * INTERVAL_MS, count: 10 }];
  for (const seq of [8, 9, 10]) {
    const drop: Drop = { fromSeq: seq, toSeq: seq, reason: 'disk_full', runs, count: 10 };
    agent.send({ type: 'drops', epoch: 1, drops: [drop] });
  }
  await agent.settled();
  expect(await ledgerRow()).toMatchObject({ expected: 10, stored: 8, dropped: { disk_full: 2 }, outstanding: 0 });
  expect((await shownAgent()).coveragePct).toBeLessThanOrEqual(100);
});

test('a record with a later epoch than the session’s ends the session', async () => {
  agent.send({ type: 'records', kind: 'live', epoch: 2, items: [run(0, 1)] });
  expect(await agent.next('rejected')).toMatchObject({ code: 'bad_message' });
});

test('after a clock step forward the ledger expects the planned runs only, before and after the end of the test', async () => {
  const target = check.targets[0]?.target ?? 0;
  const [first = 0] = instants(1);
  nowMs = first + 9 * INTERVAL_MS + 10;
  const hourLater = first + 3600 * INTERVAL_MS;
  agent.send({ type: 'time', id: 1, agentMs: hourLater });
  await agent.next('time');
  await server.call('POST', '/tests/1/stop', undefined, admin);
  const skipped = { check: check.check, target, from: first, to: hourLater, count: 3601 };
  await settle([{ t: 'missed', seq: 0, ...skipped, reason: 'clock_stepped' }]);
  for (const laterMs of [0, 60_000, 3_600_000]) {
    nowMs = first + 9 * INTERVAL_MS + 10 + laterMs;
    expect(await ledgerRow()).toMatchObject({ expected: 10, missed: { clock_stepped: 10 }, outstanding: 0 });
  }
  expect((await shownAgent()).refused).toEqual({ ended: 3591 });
});
