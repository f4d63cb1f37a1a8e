import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalog, declareProbe } from '@netsonde/probes/catalog';
import type { TestInput } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ApiProblem } from '../api/problem.ts';
import { LEAD_MS, TAIL_MS } from '../plan/span.ts';
import { type ConfigStore, openConfigStore } from '../store/config/open-config-store.ts';
import { testState } from './model.ts';
import { Planner } from './planner.ts';
import type { PlanWork, TestChange } from './ports.ts';
import { spansWithin } from './span-rows.ts';
import { testInputFor } from './test-input.ts';

const catalog: Catalog = {
  knock: declareProbe({
    id: 'knock',
    label: 'Knock',
    summary: 'Exists in this suite only',
    target: { form: 'host:port' },
    options: z.strictObject({
      count: z.int().min(1).max(9).default(3).meta({ label: 'Knocks', description: '' }),
      note: z.string().max(20).default('').meta({ label: 'Note', description: '', identity: false }),
    }),
    metrics: [
      {
        id: 'knock_ms',
        label: 'Knock',
        description: '',
        kind: 'float',
        unit: 'ms',
        better: 'lower',
        aggregate: 'mean',
        source: 'this suite',
      },
    ],
    samples: [],
    instance: null,
    needs: [['icmp4', 'icmp6']],
    cost: ({ count }) => ({ packets: count, bytes: count * 100, seconds: count, leastSeconds: 0, resolvingSeconds: 0 }),
  }),
};
const schema = testInputFor(catalog);

let folder: string;
let config: ConfigStore;
let nowMs: number;
let events: {
  readonly assignments: number[];
  readonly tests: [number, TestChange][];
  checks: readonly number[];
  readonly forgotten: number[];
  readonly work: PlanWork[];
};
let planner: Planner;

const parts = () => ({
  db: config.db,
  catalog,
  store: {
    setChecks: async (checks: readonly { check: number }[]) => {
      events.checks = checks.map(({ check }) => check);
    },
    addChecks: async (checks: readonly { check: number }[]) => {
      events.checks = [...events.checks, ...checks.map(({ check }) => check)];
    },
    planChanged: () => {},
    forget: async (checks: readonly number[]) => {
      events.checks = events.checks.filter((check) => !checks.includes(check));
      events.forgotten.push(...checks);
    },
  },
  defaults: { defaultIntervalMs: 5000, defaultDurationMs: 300_000 },
  now: () => nowMs,
  patienceMs: 1000,
  onAssignment: (agent: number) => events.assignments.push(agent),
  onTest: (id: number, change: TestChange) => events.tests.push([id, change]),
  onPlanned: (work: PlanWork) => void events.work.push(work),
  onError: (error: unknown) => {
    throw error;
  },
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-planner-'));
  config = await openConfigStore(join(folder, 'netsonde.db'));
  nowMs = 1_000_000;
  events = { assignments: [], tests: [], checks: [], forgotten: [], work: [] };
  for (const name of ['a1', 'a2', 'a3']) await enrol(name);
  planner = await Planner.open(parts());
});

afterEach(async () => {
  await planner.close();
  await config.close();
  rmSync(folder, { recursive: true, force: true });
});

async function enrol(name: string): Promise<void> {
  const blank = { system: null, capabilities: '[]', address: null, last_seen_at: null, revoked_at: null, epoch: 0 };
  const row = {
    name,
    public_key: `key of ${name}`,
    labels: '{}',
    enrolled_at: 1,
    clock_offset_ms: null,
    clock_error_ms: null,
    ...blank,
  };
  await config.db.insertInto('agent').values(row).execute();
}

async function reopen(): Promise<void> {
  await planner.close();
  planner = await Planner.open(parts());
}

const input = (more: Partial<TestInput> = {}) =>
  schema.parse({
    name: 'door',
    targets: [{ address: 'one.test:1' }, { address: 'two.test:2' }],
    checks: [{ probe: 'knock' }],
    agents: { by: 'chosen', agents: [1] },
    ...more,
  });

const online = async (id: number, offlineSinceMs: number | null = null) => {
  planner.agentChanged({ id, offlineSinceMs });
  await planner.settled();
};

test('a new test is assigned with its defaults filled in, begins a moment from now, and is stored as spans', async () => {
  const made = await planner.create(input(), 'user:x');
  const { revision, checks } = planner.assignment(1);
  expect(checks).toEqual([
    {
      check: made.checks[0]?.id,
      tag: expect.any(Number),
      test: made.id,
      probe: 'knock',
      options: { count: 3, note: '' },
      expectations: [],
      intervalMs: 5000,
      startMs: nowMs + LEAD_MS,
      endMs: nowMs + 300_000,
      targets: made.targets.map(({ id, address }) => ({ target: id, tag: expect.any(Number), address })),
    },
  ]);
  expect(events.assignments).toEqual([1]);
  expect(events.tests).toEqual([[made.id, 'created']]);
  expect(events.checks).toEqual(made.checks.map(({ id }) => id));
  expect(planner.assignment(2).checks).toEqual([]);
  await reopen();
  expect(planner.assignment(1)).toEqual({ revision, checks });
  expect(await spansWithin(config.db, { fromMs: 0, toMs: nowMs * 2 })).toHaveLength(2);
});

test('an edit keeps the id of a check unless its identity changes, and an added target begins later', async () => {
  const made = await planner.create(input({ duration: null }), 'user:x');
  nowMs += 10_000;
  const noted = await planner.edit(
    made.id,
    input({ duration: null, checks: [{ probe: 'knock', options: { note: 'hi' } }] }),
  );
  expect(noted.checks.map(({ id, options }) => [id, options.note])).toEqual([[made.checks[0]?.id, 'hi']]);
  expect(planner.assignment(1).checks[0]?.startMs).toBe(1_000_000 + LEAD_MS);
  const wider = await planner.edit(
    made.id,
    input({ duration: null, targets: [{ address: 'one.test:1' }, { address: 'three.test:3' }] }),
  );
  expect(wider.targets[0]?.id).toBe(made.targets[0]?.id);
  expect(
    planner.assignment(1).checks.map(({ startMs, targets }) => [startMs, targets.map(({ address }) => address)]),
  ).toEqual([
    [1_000_000 + LEAD_MS, ['one.test:1']],
    [nowMs + LEAD_MS, ['three.test:3']],
  ]);
  const changed = await planner.edit(
    made.id,
    input({ duration: null, checks: [{ probe: 'knock', options: { count: 4 } }] }),
  );
  expect(changed.checks[0]?.id).not.toBe(made.checks[0]?.id);
  expect(events.checks).toEqual([made.checks[0]?.id, changed.checks[0]?.id]);
  const spans = await spansWithin(config.db, { fromMs: 0, toMs: nowMs * 2 });
  expect(spans.filter(({ check, toMs }) => check === made.checks[0]?.id && toMs === null)).toEqual([]);
});

test('stop ends all spans a moment from now, start begins new ones, and the test completes at its end', async () => {
  const made = await planner.create(input({ duration: 60 }), 'user:x');
  nowMs += 10_000;
  const stopped = await planner.stop(made.id);
  expect(testState(stopped, nowMs)).toBe('stopped');
  expect(planner.assignment(1).checks[0]?.endMs).toBe(nowMs + LEAD_MS);
  nowMs += LEAD_MS;
  await planner.planByTime();
  expect(planner.assignment(1).checks[0]?.endMs).toBe(nowMs);
  expect(planner.assignedTo(planner.test(made.id)).size).toBe(0);
  nowMs += TAIL_MS;
  await planner.planByTime();
  expect(planner.assignment(1).checks).toEqual([]);
  nowMs += 10_000;
  await planner.start(made.id);
  expect(planner.assignment(1).checks[0]).toMatchObject({ startMs: nowMs + LEAD_MS, endMs: nowMs + 60_000 });
  nowMs += 60_000 + TAIL_MS;
  await planner.planByTime();
  expect(planner.assignment(1).checks).toEqual([]);
  expect(events.tests.map(([, change]) => change)).toEqual(['created', 'stopped', 'started', 'completed']);
});

test('a target that is spelled differently stays the same target, and is shown as it was typed last', async () => {
  const targets = (...addresses: readonly string[]) => ({ targets: addresses.map((address) => ({ address })) });
  const made = await planner.create(input(targets('one.test:1', '[::1]:2')), 'ada');
  const edited = await planner.edit(made.id, input(targets('[0:0::1]:2', 'ONE.test.:1', 'two.test:1')));
  const idOf = new Map(edited.targets.map(({ id, address }) => [address, id]));
  expect(idOf.get('ONE.test.:1')).toBe(made.targets.find(({ address }) => address === 'one.test:1')?.id);
  expect(idOf.get('[0:0::1]:2')).toBe(made.targets.find(({ address }) => address === '[::1]:2')?.id);
  expect(made.targets.map(({ id }) => id)).not.toContain(idOf.get('two.test:1'));
  expect(idOf.size).toBe(3);
  expect(planner.directory.address(idOf.get('ONE.test.:1') ?? 0)).toBe('ONE.test.:1');
});

test('an edit without a start keeps the stored one, and a start of null starts a scheduled test at once', async () => {
  const startAt = new Date(nowMs + 100_000).toISOString();
  const made = await planner.create(input({ startAt }), 'user:x');
  nowMs += 1000;
  expect((await planner.edit(made.id, input({}))).startMs).toBe(made.startMs);
  const started = await planner.edit(made.id, input({ startAt: null }));
  expect([started.startMs, testState(started, nowMs)]).toEqual([nowMs, 'running']);
  nowMs += 1000;
  expect((await planner.edit(made.id, input({ startAt: null }))).startMs).toBe(started.startMs);
});

test('a test restarted just after its end gets new spans, and no run is expected for the time in between', async () => {
  const made = await planner.create(input({ duration: null }), 'user:x');
  nowMs += 10_000;
  await planner.stop(made.id);
  nowMs += LEAD_MS + 1000;
  await planner.planByTime();
  await planner.start(made.id);
  expect(planner.assignment(1).checks.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([[nowMs + LEAD_MS, null]]);
  const spans = await spansWithin(config.db, { fromMs: 0, toMs: nowMs * 2 });
  expect(spans.filter(({ target }) => target === spans[0]?.target).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [1_000_500, 1_010_500],
    [nowMs + LEAD_MS, null],
  ]);
});

test('the timer completes a test without any request', async () => {
  const began = Date.now();
  const shift = nowMs - began;
  await planner.close();
  planner = await Planner.open({ ...parts(), now: () => Date.now() + shift });
  const made = await planner.create(input({ duration: 1 }), 'user:x');
  await expect.poll(() => events.tests.at(-1), { timeout: 10_000 }).toEqual([made.id, 'completed']);
  await expect.poll(() => planner.assignment(1).checks, { timeout: 10_000 }).toEqual([]);
});

test('planning retries automatically after a failed write', async () => {
  const began = Date.now();
  const shift = nowMs - began;
  const faults: unknown[] = [];
  await planner.close();
  planner = await Planner.open({
    ...parts(),
    now: () => Date.now() + shift,
    onError: (error) => void faults.push(error),
  });
  const made = await planner.create(input({ duration: 1 }), 'user:x');
  const file = join(folder, 'netsonde.db');
  renameSync(file, `${file}.moved`);
  await expect.poll(() => faults).not.toEqual([]);
  expect(planner.assignment(1).checks).toHaveLength(1);
  renameSync(`${file}.moved`, file);
  await expect.poll(() => planner.assignment(1).checks).toEqual([]);
  expect(events.tests.at(-1)).toEqual([made.id, 'completed']);
});

test('an agent that matches the labels later is assigned automatically', async () => {
  await planner.create(input({ agents: { by: 'labels', labels: { site: 'x' } } }), 'user:x');
  expect(planner.assignment(2).checks).toEqual([]);
  planner.agentChanged({ id: 2, labels: { site: 'x' } });
  await planner.settled();
  expect(planner.assignment(2).checks).toHaveLength(1);
  planner.agentChanged({ id: 2, revoked: true });
  await planner.settled();
  expect(planner.assignment(2).checks).toEqual([]);
});

test('an agent selected as any 1 is kept through a restart and a short absence, and replaced after a long one', async () => {
  await online(3);
  await planner.create(input({ agents: { by: 'any', count: 1 } }), 'user:x');
  const runs = () => [1, 2, 3].filter((id) => planner.assignment(id).checks.length > 0);
  expect(runs()).toEqual([3]);
  nowMs += 5000;
  await reopen();
  await online(1);
  expect(runs()).toEqual([3]);
  await online(3);
  nowMs += 5000;
  await online(3, nowMs);
  expect(runs()).toEqual([3]);
  nowMs += 1000;
  await online(2);
  expect(runs()).toEqual([1]);
});

test('a deleted test is removed completely, even if a crash interrupted its deletion', async () => {
  const made = await planner.create(input(), 'user:x');
  await planner.delete(made.id);
  expect(events.forgotten).toEqual(made.checks.map(({ id }) => id));
  expect(events.checks).toEqual([]);
  expect(planner.assignment(1).checks).toEqual([]);
  expect(() => planner.test(made.id)).toThrow('There is no test');
  const again = await planner.create(input(), 'user:x');
  await config.db.updateTable('test').set({ deleted_at: nowMs }).execute();
  await reopen();
  expect(events.forgotten).toContain(again.checks[0]?.id);
  expect(planner.tests()).toEqual([]);
});

test('a fault that the schema cannot find is refused with its path', async () => {
  const wrong = input({
    targets: [{ address: 'one.test' }, { address: '-oProxyCommand=x' }],
    checks: [
      {
        probe: 'knock',
        expectations: [
          { metric: 'nothing', op: '<', value: 1 },
          { metric: 'knock_ms', op: '<', value: 'x' },
        ],
      },
    ],
    agents: { by: 'chosen', agents: [1, 77] },
  });
  const error = await planner.create(wrong, 'user:x').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiProblem);
  expect((error as ApiProblem).fields.map(({ path }) => path)).toEqual([
    'targets[0].address',
    'targets[1].address',
    'checks[0].expectations[0].metric',
    'checks[0].expectations[1].value',
    'agents.agents[1]',
  ]);
  expect(
    schema.safeParse({ ...input(), checks: [{ probe: 'knock', options: { speed: 1 } }] }).error?.issues[0]?.path,
  ).toEqual(['checks', 0, 'options']);
  expect(schema.safeParse({ ...input(), checks: [{ probe: 'nope' }] }).error?.issues[0]?.message).toContain(
    'it takes knock',
  );
});

test('after a restart an unreadable check is assigned to no agent, other checks go on, and an edit fixes it', async () => {
  const made = await planner.create(
    input({ checks: [{ probe: 'knock' }, { probe: 'knock', options: { count: 9 } }] }),
    'x',
  );
  const [first, second] = made.checks.map(({ id }) => id);
  nowMs += 10_000;
  await config.db
    .updateTable('check')
    .set({ options: JSON.stringify({ count: 10 }) })
    .where('id', '=', first ?? 0)
    .execute();
  await reopen();
  expect(planner.test(made.id).checks.map(({ fault }) => fault)).toEqual([
    expect.stringContaining('option count'),
    null,
  ]);
  expect(planner.assignment(1).checks.map(({ check }) => check)).toEqual([second]);
  const spans = await spansWithin(config.db, { fromMs: 0, toMs: nowMs + 60_000 });
  expect(spans.filter(({ check }) => check === first).map(({ toMs }) => toMs)).toEqual([nowMs, nowMs]);
  expect(spans.filter(({ check }) => check === second).map(({ toMs }) => toMs)).toEqual([made.endMs, made.endMs]);
  await planner.edit(made.id, input({ checks: [{ probe: 'knock' }, { probe: 'knock', options: { count: 9 } }] }));
  expect(planner.assignment(1).checks).toHaveLength(2);
});

/** What planning has done since the last call. */
const work = () =>
  events.work.splice(0).reduce(
    (sum, one) => ({
      tests: sum.tests + one.tests,
      series: sum.series + one.series,
      changed: sum.changed + one.changed,
    }),
    {
      tests: 0,
      series: 0,
      changed: 0,
    },
  );

test('a change plans only the series that it affects', async () => {
  const everywhere = { duration: null, agents: { by: 'labels' as const, labels: {} } };
  for (let made = 0; made < 20; made += 1)
    await planner.create(input({ ...everywhere, name: `test ${made}` }), 'user:x');
  await planner.create(input({ name: 'any', agents: { by: 'any', count: 1 } }), 'user:x');
  work();

  const site = { ...everywhere, agents: { by: 'labels' as const, labels: { site: 'x' } } };
  const made = await planner.create(input({ ...site, name: 'of a site' }), 'user:x');
  expect(work()).toEqual({ tests: 1, series: 0, changed: 0 });

  planner.agentChanged({ id: 2, labels: { site: 'x' } });
  await planner.settled();
  expect(work()).toEqual({ tests: 1, series: 1, changed: 2 });

  await planner.edit(made.id, input({ ...site, name: 'renamed' }));
  expect(work()).toEqual({ tests: 1, series: 1, changed: 0 });
  expect(events.assignments.at(-1)).toBe(2);

  // Only the test for any agent depends on an agent's presence.
  await online(1);
  expect(work()).toEqual({ tests: 1, series: 1, changed: 2 });
  await online(2);
  await online(3);
  await online(3, nowMs);
  planner.agentChanged({ id: 2, name: 'other', capabilities: [] });
  await planner.settled();
  expect(work()).toEqual({ tests: 0, series: 0, changed: 0 });

  // For a new agent only its own series of the 20 tests are planned.
  await enrol('a4');
  planner.agentChanged({ id: 4, name: 'a4', labels: {}, offlineSinceMs: null });
  await planner.settled();
  expect(work()).toEqual({ tests: 20, series: 20, changed: 40 });
  planner.agentChanged({ id: 4, revoked: true });
  await planner.settled();
  // The test for any agent is planned too: it may have lost one.
  expect(work()).toEqual({ tests: 21, series: 21, changed: 40 });

  // Tests that have ended are not planned for a new agent.
  for (const { id, name } of planner.tests()) if (name.startsWith('test ')) await planner.stop(id);
  nowMs += LEAD_MS + TAIL_MS + 1;
  await planner.planByTime();
  work();
  planner.agentChanged({ id: 4, revoked: false });
  await planner.settled();
  expect(work()).toEqual({ tests: 0, series: 0, changed: 0 });
});

test('planning all tests again after any change has no effect', async () => {
  await online(1);
  await planner.create(input({ duration: null, agents: { by: 'labels', labels: { site: 'x' } } }), 'user:x');
  await planner.create(input({ duration: null, agents: { by: 'any', count: 2 } }), 'user:x');
  planner.agentChanged({ id: 2, labels: { site: 'x' }, offlineSinceMs: null });
  planner.agentChanged({ id: 1, labels: { site: 'x' } });
  planner.agentChanged({ id: 2, labels: {} });
  await planner.settled();
  await config.db.updateTable('agent').set({ labels: '{"site":"x"}' }).where('id', '=', 1).execute();
  nowMs += 5000;
  const before = [1, 2, 3].map((id) => planner.assignment(id).checks);
  work();
  await reopen();
  expect(work()).toMatchObject({ tests: 2, changed: 0 });
  expect([1, 2, 3].map((id) => planner.assignment(id).checks)).toEqual(before);
});
