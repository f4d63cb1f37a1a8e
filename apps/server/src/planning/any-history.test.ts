import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Span, spanKey } from '../plan/span.ts';
import { type ConfigStore, openConfigStore } from '../store/config/open-config-store.ts';
import { groupBy } from './group-by.ts';
import { Planner } from './planner.ts';
import { spansWithin } from './span-rows.ts';
import { testInputFor } from './test-input.ts';

const schema = testInputFor(catalog);
const AGENTS = [1, 2, 3];

const selection: fc.Arbitrary<AgentSelection> = fc.oneof(
  fc.subarray(AGENTS).map((agents) => ({ by: 'chosen' as const, agents })),
  fc.constantFrom('a', 'b').map((site) => ({ by: 'labels' as const, labels: { site } })),
  fc.integer({ min: 1, max: 3 }).map((count) => ({ by: 'any' as const, count })),
);
const input = fc.record({
  targets: fc.subarray(['10.0.0.1', '10.0.0.2', '10.0.0.3'], { minLength: 1 }),
  counts: fc.subarray([1, 2, 3], { minLength: 1 }),
  agents: selection,
  interval: fc.constantFrom(1, 5),
  duration: fc.constantFrom(null, 20, 60),
});
type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never;

const step = fc.oneof(
  fc.record({ do: fc.constant('create' as const), input }),
  fc.record({ do: fc.constant('edit' as const), which: fc.nat(5), input }),
  fc.record({ do: fc.constantFrom('start' as const, 'stop' as const, 'delete' as const), which: fc.nat(5) }),
  fc.record({
    do: fc.constant('agent' as const),
    id: fc.constantFrom(...AGENTS),
    online: fc.boolean(),
    site: fc.constantFrom('a', 'b'),
  }),
  fc.record({ do: fc.constant('restart' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const history = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 15_000 })), { minLength: 3, maxLength: 15 });

const toInput = ({ targets, counts, ...rest }: Input) =>
  schema.parse({
    name: 'x',
    targets: targets.map((address) => ({ address })),
    checks: counts.map((count) => ({ probe: 'icmp', options: { count } })),
    ...rest,
  });

async function act(planner: Planner, { db }: ConfigStore, one: Step, nowMs: number): Promise<void> {
  const pick = (which: number) => planner.tests()[which % Math.max(1, planner.tests().length)]?.id;
  switch (one.do) {
    case 'create':
      await planner.create(toInput(one.input), 'suite');
      return;
    case 'agent':
      await db
        .updateTable('agent')
        .set({ labels: JSON.stringify({ site: one.site }) })
        .where('id', '=', one.id)
        .execute();
      planner.agentChanged({ id: one.id, labels: { site: one.site }, offlineSinceMs: one.online ? null : nowMs });
      return planner.settled();
    case 'restart':
      return;
    default: {
      const id = pick(one.which);
      if (id === undefined) return;
      if (one.do === 'edit') await planner.edit(id, toInput(one.input));
      else await planner[one.do](id);
    }
  }
}

/** The agents' assignments, as spans without row ids. */
function assigned(planner: Planner): string[] {
  return AGENTS.flatMap((agent) =>
    planner
      .assignment(agent)
      .checks.flatMap(({ check, targets, intervalMs, startMs, endMs }) =>
        targets.map(({ target }) => JSON.stringify({ agent, check, target, intervalMs, fromMs: startMs, toMs: endMs })),
      ),
  ).sort();
}

const plain = ({ agent, check, target, intervalMs, fromMs, toMs }: Span) =>
  JSON.stringify({ agent, check, target, intervalMs, fromMs, toMs });

/** Asserts that no run is expected twice and no span ends before it begins. */
function expectDisjoint(spans: readonly Span[]): void {
  for (const same of groupBy(spans, spanKey).values()) {
    const ordered = [...same].sort((a, b) => a.fromMs - b.fromMs);
    ordered.forEach((span, index) => {
      expect(span.toMs ?? Number.MAX_SAFE_INTEGER).toBeGreaterThan(span.fromMs);
      expect(ordered[index + 1]?.fromMs ?? Number.MAX_SAFE_INTEGER).toBeGreaterThanOrEqual(
        span.toMs ?? Number.MAX_SAFE_INTEGER,
      );
    });
  }
}

async function enrol({ db }: ConfigStore): Promise<void> {
  for (const id of AGENTS)
    await db
      .insertInto('agent')
      .values({
        name: `a${id}`,
        public_key: `k${id}`,
        labels: '{"site":"a"}',
        system: null,
        capabilities: '[]',
        address: null,
        enrolled_at: 1,
        last_seen_at: null,
        revoked_at: null,
        epoch: 0,
        clock_offset_ms: null,
        clock_error_ms: null,
      })
      .execute();
}

test('after any history assignments match stored spans, no run is expected twice, a restart changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'netsonde-history-'));
      const config = await openConfigStore(join(folder, 'netsonde.db'));
      await enrol(config);
      let nowMs = 1_000_000;
      const open = () =>
        Planner.open({
          db: config.db,
          catalog,
          store: {
            setChecks: async () => {},
            addChecks: async () => {},
            planChanged: () => {},
            forget: async () => {},
          },
          defaults: { defaultIntervalMs: 5000, defaultDurationMs: 60_000 },
          now: () => nowMs,
          patienceMs: 3000,
          onAssignment: () => {},
          onTest: () => {},
          onError: (error) => expect.fail(String(error)),
        });
      let planner = await open();
      try {
        for (const [one, waitMs] of steps) {
          await act(planner, config, one, nowMs);
          const given = assigned(planner);
          const written = await spansWithin(config.db, { fromMs: nowMs, toMs: Number.MAX_SAFE_INTEGER });
          expect(
            given.filter(
              (span) => (JSON.parse(span) as Span).toMs === null || ((JSON.parse(span) as Span).toMs ?? 0) > nowMs,
            ),
          ).toEqual(written.map(plain).sort());
          expectDisjoint(await spansWithin(config.db, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }));
          if (one.do === 'restart') {
            await planner.close();
            planner = await open();
            const alive = given.filter((span) => ((JSON.parse(span) as Span).toMs ?? Number.MAX_SAFE_INTEGER) > nowMs);
            expect(assigned(planner)).toEqual(alive);
          }
          nowMs += waitMs;
        }
      } finally {
        await planner.close();
        await config.close();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
}, 180_000);
