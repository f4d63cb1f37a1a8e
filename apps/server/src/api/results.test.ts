import { catalog } from '@netsonde/probes/catalog';
import { nextInstant, phaseMs, type RunRecord } from '@netsonde/protocol';
import type { Agent, LedgerRow, Overview, Result, SeriesPoints, Test } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { backdatePlan, plannedInstants } from './plan.test-support.ts';
import { type Credentials, readAs, setUp, startServer, type TestServer } from './server.test-support.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;
/** How far the server's clock is ahead. */
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  server = await startServer({ now: () => Date.now() + aheadMs });
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'near', labels: { site: 'a' } });
});
afterEach(async () => {
  await agent.close();
  await server.close();
});

const get = <Body>(path: string): Promise<Body> => readAs(server, admin, path);

async function makeTest(more: Record<string, unknown> = {}): Promise<Test> {
  const body = {
    name: 'loop',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp' }],
    agents: { by: 'labels', labels: { site: 'a' } },
    interval: 0.1,
    duration: null,
    ...more,
  };
  const { status, body: made, text } = await server.call<Test>('POST', '/tests', body, admin);
  expect(status, text).toBe(201);
  return made;
}

/** A run of an icmp check with every metric measured or absent, and these round trips. */
function run(seq: number, made: Test, at: number, rtts: (number | null)[]): RunRecord {
  const got = rtts.filter((rtt) => rtt !== null);
  const metrics: RunRecord['metrics'] = {
    sent: rtts.length,
    ...(got.length > 0 ? { rtt_avg_ms: got.reduce((sum, rtt) => sum + rtt, 0) / got.length } : {}),
  };
  const absent = Object.fromEntries(
    catalog.icmp.metrics.filter(({ id }) => metrics[id] === undefined).map(({ id }) => [id, 'timed_out' as const]),
  );
  const down = got.length === 0;
  return {
    t: 'run',
    seq,
    at,
    check: made.checks[0]?.id ?? 0,
    target: made.targets[0]?.id ?? 0,
    late: 0.5,
    took: 12,
    verdict: down ? 'down' : 'up',
    ...(down
      ? {
          finding: { cause: 'timeout', side: 'target', operation: '=echo 127.0.0.1' },
          log: ['sent 2', 'heard nothing'],
        }
      : {}),
    metrics,
    absent,
    samples: { rtts_ms: rtts },
    stamps: { kernel: got.length, process: 0 },
    detail: { address: '127.0.0.1' },
  };
}

/** The instants that an assigned check is due at, from its start until now. */
function dueInstants(made: Test, startMs: number, untilMs: number): number[] {
  const [check, target, intervalMs] = [made.checks[0]?.id ?? 0, made.targets[0]?.id ?? 0, made.interval * 1000];
  const grid = { intervalMs, phaseMs: phaseMs(agent.id, check, target, intervalMs), startMs, endMs: null };
  const instants = [];
  for (let at = nextInstant(grid, startMs); at !== null && at < untilMs; at = nextInstant(grid, at + 1))
    instants.push(at);
  return instants;
}

const firstDue = (made: Test, fromMs = 0): number =>
  plannedInstants(
    { agent: agent.id, check: made.checks[0]?.id ?? 0, target: made.targets[0]?.id ?? 0, intervalMs: 100 },
    fromMs,
    1,
  )[0] ?? 0;

test('results, charts, exports and the stream return exactly what an agent delivered', async () => {
  const made = await makeTest();
  const stream = await fetch(`${server.url}/api/v1/live?test=${made.id}`, { headers: { cookie: admin.cookie ?? '' } });
  const [assigned] = await agent.obey((checks) => checks.length === 1);
  expect(assigned).toMatchObject({
    check: made.checks[0]?.id,
    test: made.id,
    probe: 'icmp',
    intervalMs: 100,
    targets: [{ address: '127.0.0.1' }],
  });
  const from = firstDue(made, assigned?.startMs);
  await agent.deliver([
    run(0, made, from, [1.25, 0.75]),
    run(1, made, from + 100, [null, null]),
    run(2, made, from + 200, [3, null]),
  ]);
  const reader = stream.body?.getReader();
  let live = '';
  while (!live.includes('event: results')) live += new TextDecoder().decode((await reader?.read())?.value);
  await reader?.cancel();

  const { results, more } = await get<{ results: Result[]; more: boolean }>(`/tests/${made.id}/results`);
  expect(results.map(({ seq, verdict }) => [seq, verdict])).toEqual([
    [2, 'up'],
    [1, 'down'],
    [0, 'up'],
  ]);
  expect(more).toBe(false);
  expect(results[1]).toEqual({
    ...Object.fromEntries(Object.entries(run(1, made, from + 100, [null, null])).filter(([key]) => key !== 't')),
    at: new Date(from + 100).toISOString(),
    agent: agent.id,
    agentName: 'near',
    test: made.id,
    probe: 'icmp',
    address: '127.0.0.1',
    epoch: 1,
  });
  const streamed = JSON.parse(
    live.slice(live.indexOf('data: ', live.indexOf('event: results')) + 6).split('\n')[0] ?? '',
  ) as { results: Result[] };
  expect(streamed.results.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  const one = await get<Result>(`/results/${agent.id}/1/1`);
  expect(one).toEqual(results[1]);
  expect(await get<Result>(`/results/${agent.id}/1/1?at=${results[1]?.at}`)).toEqual(one);
  expect((await server.call('GET', `/results/${agent.id}/1/9`, undefined, admin)).status).toBe(404);
  expect((await get<{ more: boolean; results: Result[] }>(`/tests/${made.id}/results?limit=2`)).more).toBe(true);
  expect(
    (await get<{ results: Result[] }>(`/tests/${made.id}/results?verdict=down`)).results.map(({ seq }) => seq),
  ).toEqual([1]);

  const window = `from=${new Date(from).toISOString()}&to=${new Date(from + 1000).toISOString()}`;
  const series = (metric: string, more = '') =>
    get<SeriesPoints>(`/tests/${made.id}/series?check=${assigned?.check}&metric=${metric}&${window}${more}`);
  const { lines, ...said } = await series('rtt_avg_ms');
  expect(said).toEqual({ bucketMs: null, level: 'raw', retiredBeforeMs: null, capped: null });
  expect(lines).toEqual([
    {
      agent: agent.id,
      agentName: 'near',
      target: made.targets[0]?.id,
      address: '127.0.0.1',
      instance: '',
      at: [from, from + 100, from + 200],
      value: [1, null, 3],
      verdict: ['up', 'down', 'up'],
      absent: { timed_out: 1 },
      notHeardAfterMs: 2 * 100 + 1000 * catalog.icmp.cost(catalog.icmp.options.parse({})).seconds,
    },
  ]);

  const csv = await server.call('GET', `/tests/${made.id}/export.csv`, undefined, admin);
  const rows = csv.text
    .trim()
    .split('\r\n')
    .map(
      (line) =>
        line
          .match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)
          ?.map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, '').replaceAll('""', '"')) ?? [],
    );
  const column = (name: string) => rows.slice(1).map((row) => row[rows[0]?.indexOf(name) ?? -1]);
  expect(column('at')).toEqual([0, 100, 200].map((after) => new Date(from + after).toISOString()));
  expect(column('rtts_ms').map((cell) => JSON.parse(cell ?? ''))).toEqual([
    [1.25, 0.75],
    [null, null],
    [3, null],
  ]);
  expect(column('rtt_avg_ms')).toEqual(['1', '', '3']);
  expect(column('absent')[1]).toContain('rtt_avg_ms=timed_out');
  expect(column('operation')).toEqual(['', "'=echo 127.0.0.1", '']);
  const json = await get<Result[]>(`/tests/${made.id}/export.json`);
  expect(json).toEqual([...results].reverse());

  const standing = async () => {
    const { resultCount, verdicts } = await get<Test>(`/tests/${made.id}`);
    return [resultCount, verdicts];
  };
  await expect.poll(standing, { timeout: 10_000 }).toEqual([3, { up: 1, degraded: 0, down: 0, unknown: 0 }]);
  const overview = await get<Overview>('/overview');
  expect(overview).toMatchObject({
    agents: { total: 1, online: 1 },
    targets: 1,
    tests: { total: 1, running: 1 },
    verdicts: { up: 1, down: 0 },
    resultsPerMinute: 3,
  });
  expect(overview.recent.map(({ seq }) => seq)).toEqual([2, 1, 0]);
});

test('the ledger counts each due run as stored, missed by reason, or outstanding', async () => {
  const made = await makeTest();
  const [assigned] = await agent.obey((checks) => checks.length === 1);
  const startMs = assigned?.startMs ?? 0;
  await new Promise((resolve) => setTimeout(resolve, startMs + 1500 - Date.now()));
  const untilMs = startMs + 1200;
  const due = dueInstants(made, startMs, untilMs);
  const { check, target } = run(0, made, 0, []);
  const missed = {
    t: 'missed',
    seq: 5,
    check,
    target,
    from: due[5] ?? 0,
    to: due[7] ?? 0,
    count: 3,
    reason: 'overlap',
  } as const;
  await agent.deliver([...due.slice(0, 5).map((at, seq) => run(seq, made, at, [1])), missed]);
  const window = `from=${new Date(startMs - 5000).toISOString()}&to=${new Date(untilMs).toISOString()}`;
  const ask = async () => (await get<{ rows: LedgerRow[] }>(`/ledger?test=${made.id}&${window}`)).rows;
  expect(await ask()).toEqual([
    {
      agent: agent.id,
      agentName: 'near',
      test: made.id,
      testName: 'loop',
      check,
      probe: 'icmp',
      target,
      address: '127.0.0.1',
      expected: due.length,
      stored: 5,
      retired: 0,
      dropped: {},
      missed: { overlap: 3 },
      refused: {},
      outstanding: due.length - 8,
      pending: due.length - 8,
    },
  ]);
  expect(due.length).toBe(12);
  aheadMs = 15_000;
  expect(await ask()).toMatchObject([{ outstanding: due.length - 8, pending: 0 }]);
  expect((await get<{ rows: LedgerRow[] }>('/ledger?agent=999')).rows).toEqual([]);
});

test('buckets have the requested percentiles, of a metric or of all observations', async () => {
  const made = await makeTest();
  const [assigned] = await agent.obey((checks) => checks.length === 1);
  const from = firstDue(made, assigned?.startMs);
  await agent.deliver(Array.from({ length: 20 }, (_, seq) => run(seq, made, from + seq * 100, [seq + 1, 100])));
  const window = `from=${new Date(from).toISOString()}&to=${new Date(from + 2000).toISOString()}`;
  const ask = (metric: string) =>
    get<SeriesPoints>(
      `/tests/${made.id}/series?check=${assigned?.check}&metric=${metric}&${window}&points=10&percentiles=50,100,50`,
    );
  const { bucketMs, lines } = await ask(encodeURIComponent('rtts_ms[]'));
  const of = (asked: number) => lines[0]?.percentiles?.find(({ percentile }) => percentile === asked)?.value ?? [];
  expect(lines[0]?.percentiles?.map(({ percentile }) => percentile)).toEqual([50, 100]);
  expect(bucketMs).toBeGreaterThan(100);
  expect(of(100).length).toBe(lines[0]?.at.length);
  for (const value of of(100)) expect(Math.abs((value ?? 0) - 100)).toBeLessThanOrEqual(1);
  lines[0]?.at.forEach((at, place) => {
    const last = Math.min(20, Math.ceil((at + (bucketMs ?? 0) - from) / 100));
    expect(Math.abs((of(50)[place] ?? 0) - last)).toBeLessThanOrEqual(0.0101 * last);
  });
  expect((await ask('rtt_avg_ms')).lines[0]?.percentiles?.map(({ value }) => value.length)).toEqual(
    [50, 100].map(() => lines[0]?.at.length),
  );
});

test('the ledger and exports report what retention has deleted', async () => {
  const made = await makeTest();
  await agent.obey((checks) => checks.length === 1);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const [old, recent] = [firstDue(made, today - 200 * DAY_MS), firstDue(made, today - 2 * DAY_MS)];
  backdatePlan(server, old);
  await agent.deliver([run(0, made, old, [1]), run(1, made, old + 100, [2]), run(2, made, recent, [3])]);
  const span = `from=${new Date(old).toISOString()}&to=${new Date(today).toISOString()}`;
  const ledger = async () =>
    (await get<{ rows: LedgerRow[] }>(`/ledger?test=${made.id}&${span}`)).rows.map(({ stored, retired }) => ({
      stored,
      retired,
    }));
  await expect.poll(ledger, { timeout: 20_000 }).toEqual([{ stored: 3, retired: 2 }]);
  for (const [ending, mark] of [
    ['csv', 'rtt_avg_ms'],
    ['json', '['],
  ] as const) {
    const partly = await server.call('GET', `/tests/${made.id}/export.${ending}`, undefined, admin);
    expect(partly.headers.get('netsonde-retired')).toBe('2');
    expect(partly.headers.get('content-disposition')).toContain(`netsonde-test-${made.id}-partly-retired.${ending}`);
    expect(partly.text).toContain(mark);
    const whole = await server.call(
      'GET',
      `/tests/${made.id}/export.${ending}?from=${new Date(recent).toISOString()}`,
      undefined,
      admin,
    );
    expect(whole.headers.get('netsonde-retired')).toBeNull();
    expect(whole.headers.get('content-disposition')).toContain(`netsonde-test-${made.id}.${ending}`);
  }
});

test('agents show their state, refusals and missing capabilities are warned of, and a revoked agent is removed', async () => {
  const lame = await connectAgent(server, admin, {
    name: 'lame',
    labels: { site: 'b' },
    capabilities: [...new Set(catalog.icmp.needs.flat())].map((id) => ({
      id,
      available: false,
      note: 'not permitted',
      mend: 'allow it',
    })),
  });
  const made = await makeTest({ agents: { by: 'labels', labels: { site: 'b' } }, interval: 60 });
  await lame.obey(
    (checks) => checks.length === 1,
    [{ check: made.checks[0]?.id ?? 0, reason: 'policy: loopback is closed' }],
  );
  await expect
    .poll(async () => (await get<Test>(`/tests/${made.id}`)).warnings)
    .toEqual([
      expect.stringMatching(/^Agent lame cannot run icmp: it lacks .*; to fix it: allow it$/),
      'Agent lame refuses icmp: policy: loopback is closed',
    ]);
  const shown = await get<Agent>(`/agents/${lame.id}`);
  expect(shown).toMatchObject({
    name: 'lame',
    status: 'online',
    address: '127.0.0.1',
    labels: {},
    ownLabels: { site: 'b' },
    system: { hostname: 'suite' },
    assignment: { checks: 1, inStep: true },
  });
  const moved = await server.call<Agent>('PATCH', `/agents/${lame.id}`, { name: 'Near' }, admin);
  expect([moved.status, moved.body]).toMatchObject([409, { code: 'name_taken' }]);
  await server.call('PATCH', `/agents/${lame.id}`, { labels: { site: 'c' } }, admin);
  await lame.obey((checks) => checks.length === 0);
  expect((await get<Test>(`/tests/${made.id}`)).warnings[0]).toContain('No agent runs this test');
  expect((await server.call('DELETE', `/agents/${lame.id}`, undefined, admin)).status).toBe(204);
  expect(await lame.next('rejected')).toMatchObject({ code: 'revoked', retry: false });
  expect((await get<Agent[]>('/agents')).map(({ name, status }) => [name, status])).toEqual([
    ['near', 'online'],
    ['lame', 'revoked'],
  ]);
  expect((await server.call('DELETE', `/agents/${lame.id}`, undefined, admin)).status).toBe(404);
  await lame.close();
});

test('a record of a deleted test is refused with its fault, and no other record is lost', async () => {
  const gone = await makeTest();
  const kept = await makeTest({ name: 'kept' });
  const assigned = await agent.obey((checks) => checks.length === 2);
  const at = (made: Test) => firstDue(made, assigned.find(({ test: id }) => id === made.id)?.startMs);
  await agent.deliver([run(0, gone, at(gone), [1]), run(1, kept, at(kept), [1])]);
  expect((await server.call('DELETE', `/tests/${gone.id}`, undefined, admin)).status).toBe(204);
  await agent.obey((checks) => checks.length === 1);
  agent.send({
    type: 'records',
    kind: 'live',
    epoch: 1,
    items: [run(2, gone, at(gone) + 100, [1]), run(3, kept, at(kept) + 100, [1])],
  });
  expect(await agent.next('refused')).toMatchObject({ epoch: 1, seq: 2, reason: expect.stringContaining('check') });
  expect((await get<{ results: Result[] }>(`/tests/${kept.id}/results`)).results.map(({ seq }) => seq)).toEqual([3, 1]);
  expect((await server.call('GET', `/tests/${gone.id}/results`, undefined, admin)).status).toBe(404);
  expect((await server.call('GET', `/results/${agent.id}/1/0`, undefined, admin)).status).toBe(404);
  await expect
    .poll(() => server.log.join(''))
    .toMatch(/agent 1 \(near\): 1 records refused, the first because of check:/);
});
