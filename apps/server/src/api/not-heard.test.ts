import { catalog } from '@netsonde/probes/catalog';
import type { RunRecord } from '@netsonde/protocol';
import {
  type Agent,
  isHeard,
  type Overview,
  type SeriesPoints,
  type SeriesStates,
  type Test,
} from '@netsonde/protocol/api';
import { afterEach, expect, test, vi } from 'vitest';
import { LEAD_MS } from '../plan/span.ts';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { backdatePlan, plannedInstants } from './plan.test-support.ts';
import { type Credentials, readAs, setUp, startServer, type TestServer } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
/** How far the server's clock is ahead of the suite's. */
let aheadMs = 0;

async function start(environment: Record<string, string> = {}): Promise<void> {
  aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs, environment });
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'near' });
}
afterEach(async () => {
  await agent.close();
  await server.close();
});

const get = <Body>(path: string): Promise<Body> => readAs(server, admin, path);

async function makeTest(): Promise<Test> {
  const { status, body, text } = await server.call<Test>(
    'POST',
    '/tests',
    {
      name: 'loop',
      targets: [{ address: '127.0.0.1:7' }, { address: '127.0.0.2:7' }],
      checks: [{ probe: 'tcp' }],
      agents: { by: 'chosen', agents: [agent.id] },
      interval: 10,
      duration: null,
    },
    admin,
  );
  expect(status, text).toBe(201);
  return body;
}

/** The last planned instant of a series that is at least `ageMs` old. */
function lastDue({ checks, interval }: Test, target: number, ageMs: number): number {
  const intervalMs = interval * 1000;
  const planned = { agent: agent.id, check: checks[0]?.id ?? 0, target, intervalMs };
  return (plannedInstants(planned, Date.now() + aheadMs - ageMs, 1)[0] ?? 0) - intervalMs;
}

const up = (seq: number, { check, target, at }: { check: number; target: number; at: number }): RunRecord => ({
  t: 'run',
  seq,
  check,
  target,
  at,
  late: 0,
  took: 1,
  verdict: 'up',
  metrics: { connect_time_ms: 1 },
  absent: Object.fromEntries(
    catalog.tcp.metrics.filter(({ id }) => id !== 'connect_time_ms').map(({ id }) => [id, 'not_requested' as const]),
  ),
  stamps: { kernel: 0, process: 1 },
});

/** The states of agents that the live stream reports from now on. */
function watchStates(): readonly string[] {
  const states: string[] = [];
  const read = async () => {
    const { cookie = '' } = admin;
    const { body } = await fetch(`${server.url}/api/v1/live`, { headers: { cookie } });
    let text = '';
    for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      states.splice(0, states.length, ...[...text.matchAll(/"status":"(\w+)"/g)].map(([, state]) => state ?? ''));
    }
  };
  // It ends with the server. Before that, its end is no state that a test expects.
  read().catch((error: unknown) => states.push(`ended: ${String(error)}`));
  return states;
}

/** Verdicts from each route that reports them. */
async function verdictsEverywhere({ id }: Test) {
  // A count of a test that took long is given again for a while: wait until all places have counted again.
  for (let tries = 0; ; tries += 1) {
    const [first, ...others] = await verdictsNow(id);
    if (tries === 100 || others.every((other) => JSON.stringify(other) === JSON.stringify(first))) {
      for (const other of others) expect(other).toEqual(first);
      return first;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function verdictsNow(id: number) {
  const [overview, list, one] = await Promise.all([
    get<Overview>('/overview'),
    get<Test[]>('/tests'),
    get<Test>(`/tests/${id}`),
  ]);
  return [overview.verdicts, list.find((other) => other.id === id)?.verdicts, one.verdicts];
}

test('the checks of a disconnected agent become unknown in every route, and stay so when the test is stopped', async () => {
  await start();
  const made = await makeTest();
  const [check] = made.checks;
  const [first, second] = made.targets;
  if (check === undefined || first === undefined || second === undefined) throw new Error('the test has no check');
  await agent.obey((checks) => checks.length > 0);
  // The series are due since a minute ago by the server's clock.
  aheadMs = 60_000;
  const now = Date.now() + aheadMs;
  const [young, old] = [lastDue(made, first.id, 0), lastDue(made, second.id, 15_000)];
  await agent.deliver([
    up(0, { check: check.id, target: first.id, at: young }),
    up(1, { check: check.id, target: second.id, at: old }),
  ]);
  expect(await verdictsEverywhere(made)).toEqual({ up: 2, degraded: 0, down: 0, unknown: 0 });
  const { seconds } = catalog.tcp.cost(catalog.tcp.options.parse({}));
  const query = new URLSearchParams({
    check: String(check.id),
    metric: 'connect_time_ms',
    from: new Date(now - 60_000).toISOString(),
    to: new Date(now + 60_000).toISOString(),
  });
  const { lines } = await get<SeriesPoints>(`/tests/${made.id}/series?${query}`);
  expect(lines.map(({ notHeardAfterMs }) => notHeardAfterMs)).toEqual([
    20_000 + seconds * 1000,
    20_000 + seconds * 1000,
  ]);
  aheadMs = (young + old) / 2 + 20_000 + seconds * 1000 - Date.now();
  expect(await verdictsEverywhere(made)).toEqual({ up: 1, degraded: 0, down: 0, unknown: 1 });
  aheadMs = 60_000 + 25_000 + seconds * 1000;
  expect(await verdictsEverywhere(made)).toEqual({ up: 0, degraded: 0, down: 0, unknown: 2 });
  const beforeMs = Date.now() + aheadMs;
  await server.call('POST', `/tests/${made.id}/stop`, undefined, admin);
  const afterMs = Date.now() + aheadMs;
  aheadMs += 3_600_000;
  const stopped = await get<Test>(`/tests/${made.id}`);
  expect(stopped.verdicts).toEqual({ up: 0, degraded: 0, down: 0, unknown: 2 });
  // A reader of the series judges them as of the end of the test, not as of the newest result.
  const endedMs = Date.parse(stopped.endedAt ?? '');
  expect(endedMs).toBeGreaterThanOrEqual(beforeMs);
  expect(endedMs).toBeLessThanOrEqual(afterMs + LEAD_MS);
  const ended = (await get<SeriesPoints>(`/tests/${made.id}/series?${query}`)).lines;
  expect(
    ended.map(({ at, notHeardAfterMs }) => isHeard(at.at(-1) ?? 0, notHeardAfterMs ?? Number.NaN, endedMs)),
  ).toEqual([false, false]);
});

test('a result that is dated later than the present says nothing of its series, and is not listed as recent', async () => {
  await start();
  const made = await makeTest();
  const [check] = made.checks;
  const [first, second] = made.targets;
  if (check === undefined || first === undefined || second === undefined) throw new Error('the test has no check');
  await agent.obey((checks) => checks.length > 0);
  backdatePlan(server, Date.now() - 60_000);
  const now = lastDue(made, first.id, 0);
  await agent.deliver([up(0, { check: check.id, target: second.id, at: lastDue(made, second.id, 0) })]);
  // The server's clock is ahead for a moment, so that it takes a result of the future.
  aheadMs = 3_600_000;
  const ahead = lastDue(made, first.id, 0);
  await agent.deliver([up(1, { check: check.id, target: first.id, at: ahead })]);
  aheadMs = 0;
  expect(await verdictsEverywhere(made)).toEqual({ up: 1, degraded: 0, down: 0, unknown: 1 });
  const { series } = await get<SeriesStates>('/series');
  expect(series.find(({ target }) => target === first.id)).toMatchObject({
    verdict: 'unknown',
    newestAt: new Date(ahead).toISOString(),
    finding: { cause: 'dated_ahead', side: 'agent' },
  });
  const recent = async () => (await get<Overview>('/overview')).recent.map(({ seq }) => seq);
  expect(await recent()).toEqual([0]);
  // What is measured next holds the state, though its instant is the earlier one.
  await agent.deliver([up(2, { check: check.id, target: first.id, at: now })]);
  expect(await verdictsEverywhere(made)).toEqual({ up: 2, degraded: 0, down: 0, unknown: 0 });
  expect((await recent()).toSorted()).toEqual([0, 2]);
});

test('the last verdicts of a test that was stopped while healthy stay as they were', async () => {
  await start();
  const made = await makeTest();
  const [check] = made.checks;
  if (check === undefined) throw new Error('the test has no check');
  await agent.obey((checks) => checks.length > 0);
  backdatePlan(server, Date.now() - 60_000);
  await agent.deliver(
    made.targets.map(({ id }, seq) => up(seq, { check: check.id, target: id, at: lastDue(made, id, 0) })),
  );
  await server.call('POST', `/tests/${made.id}/stop`, undefined, admin);
  aheadMs = 3_600_000;
  expect((await get<Test>(`/tests/${made.id}`)).verdicts).toMatchObject({ up: made.targets.length, unknown: 0 });
});

test('a silent agent is not online, and its last-seen time is that of its last message', async () => {
  await start({ CLIENT_HEARTBEAT_INTERVAL: '1' });
  const heard = async () => get<Agent>(`/agents/${agent.id}`);
  const before = Date.now();
  agent.send({
    type: 'status',
    loopDelayP99Ms: null,
    running: 0,
    spool: { records: 0, bytes: 0, oldestAt: null, dropped: 0 },
  });
  await vi.waitFor(async () => expect((await heard()).spool).not.toBeNull());
  const after = Date.now();
  const online = await heard();
  expect(online).toMatchObject({ status: 'online', silent: false, presence: { state: 'online' } });
  expect(Date.parse(online.presence.since ?? '')).toBeLessThanOrEqual(before);
  const states = watchStates();
  const silent = await vi.waitUntil(
    async () => {
      const now = await heard();
      return now.silent && now;
    },
    { timeout: 10_000, interval: 20 },
  );
  expect([silent.status, silent.presence]).toEqual(['offline', { state: 'not_heard', since: silent.lastSeenAt }]);
  await vi.waitUntil(() => states.includes('offline'));
  expect(await get<Overview>('/overview')).toMatchObject({ agents: { total: 1, online: 0 } });
  const gone = await vi.waitUntil(
    async () => {
      const now = await heard();
      return now.status === 'offline' && !now.silent && now;
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(gone.presence).toEqual({ state: 'offline', since: gone.lastSeenAt });
  for (const { lastSeenAt } of [silent, gone]) {
    expect(Date.parse(lastSeenAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(lastSeenAt ?? '')).toBeLessThanOrEqual(after + 1);
  }
});
