import type { AgentRecord } from '@netsonde/protocol';
import type { Overview, SeriesStates, Test } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { plannedInstants } from './plan.test-support.ts';
import { type Credentials, readAs, setUp, startServer, type TestServer } from './server.test-support.ts';

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
/** How far the server's clock is ahead of the suite's. */
let aheadMs = 0;

beforeEach(async () => {
  aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'near' });
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

const get = <Body>(path: string): Promise<Body> => readAs(server, admin, path);

const TARGETS = ['127.0.0.1:7', '127.0.0.2:7', '127.0.0.3:7'];
const NONE = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 };
/** Two intervals and the longest run are shorter. */
const OVERDUE_MS = 60_000;

async function makeTest(): Promise<Test> {
  const { status, body, text } = await server.call<Test>(
    'POST',
    '/tests',
    {
      name: 'loop',
      targets: TARGETS.map((address) => ({ address })),
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

/** Counts of series from each route that reports them. */
async function countsEverywhere({ id }: Test) {
  const [{ counts }, overview, list, one] = await Promise.all([
    get<SeriesStates>(`/series?test=${id}`),
    get<Overview>('/overview'),
    get<Test[]>('/tests'),
    get<Test>(`/tests/${id}`),
  ]);
  return [counts, ...[overview, list[0], one].map((from) => from && { ...from.verdicts, waiting: from.waiting })];
}

const causes = async (query = '') =>
  (await get<SeriesStates>(`/series${query}`)).series.map(({ address, finding }) => [
    address,
    finding?.cause,
    finding?.side,
    finding?.operation,
  ]);

test('series without any result wait, and are then unknown in every route with the cause that the server knows', async () => {
  const made = await makeTest();
  const [check] = made.checks;
  const [denied, spent] = made.targets;
  if (check === undefined || denied === undefined || spent === undefined) throw new Error('the test lacks its parts');
  const reason = `${denied.address} is refused by this agent's owner (policy: deny)`;
  const [assigned] = await agent.obey((checks) => checks.length > 0, [{ check: check.id, target: denied.id, reason }]);
  const all = (counts: object) => Array.from({ length: 4 }, () => ({ ...NONE, ...counts }));
  expect(await countsEverywhere(made)).toEqual(all({ waiting: 3 }));
  expect(await causes()).toEqual(TARGETS.map((address) => [address, undefined, undefined, undefined]));

  aheadMs = OVERDUE_MS;
  await vi.waitFor(async () => expect(await countsEverywhere(made)).toEqual(all({ unknown: 3 })));
  const series = { agent: agent.id, check: check.id, target: spent.id, intervalMs: 10_000 };
  const [first = 0, second = 0] = plannedInstants(series, assigned?.startMs ?? 0, 2);
  const missed: AgentRecord = { t: 'missed', seq: 0, ...series, from: first, to: second, count: 2, reason: 'budget' };
  await agent.deliver([missed]);
  await vi.waitFor(async () =>
    expect(await causes('?verdict=unknown')).toEqual([
      [TARGETS[0], 'policy', 'agent', reason],
      [TARGETS[1], 'budget', 'agent', '2 runs missed since then'],
      [TARGETS[2], 'not_heard', 'agent', ''],
    ]),
  );
  expect(await causes(`?target=${spent.id}`)).toHaveLength(1);
  expect(await causes('?verdict=up')).toEqual([]);

  await agent.close();
  await vi.waitFor(async () =>
    expect((await causes()).map(([, cause]) => cause)).toEqual(['not_heard', 'not_heard', 'not_heard']),
  );
});

test('a stopped test keeps its series that were never measured as unknown, with their cause', async () => {
  const made = await makeTest();
  const [check] = made.checks;
  const [target] = made.targets;
  if (check === undefined || target === undefined) throw new Error('the test lacks its parts');
  const [assigned] = await agent.obey((checks) => checks.length > 0);
  aheadMs = OVERDUE_MS;
  const series = { agent: agent.id, check: check.id, target: target.id, intervalMs: 10_000 };
  const [first = 0] = plannedInstants(series, assigned?.startMs ?? 0, 1);
  await agent.deliver([{ t: 'missed', seq: 0, ...series, from: first, to: first, count: 1, reason: 'policy' }]);
  await server.call('POST', `/tests/${made.id}/stop`, undefined, admin);
  aheadMs += 3_600_000;
  expect((await get<Test>(`/tests/${made.id}`)).verdicts).toMatchObject({ unknown: 3 });
  expect((await causes(`?test=${made.id}`)).map(([, cause]) => cause)).toEqual(['policy', 'not_heard', 'not_heard']);
  expect((await get<SeriesStates>('/series')).counts).toEqual(NONE);
});
