import type { Catalog } from '@netsonde/probes/catalog';
import { idSchema, testSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import type { Options } from '../planning/model.ts';
import { overlapWarnings } from '../planning/overlap-warnings.ts';
import { shownOptions } from '../planning/secrets.ts';
import { selectAgents } from '../planning/select-agents.ts';
import type { ValidTest } from '../planning/test-input.ts';
import type { TimingDefaults } from '../planning/test-timing.ts';
import { checkTest } from '../planning/validate-test.ts';
import { type WarnedCheck, warningsOf } from '../planning/warnings.ts';
import { isOnline } from './agent-presence.ts';
import type { ApiParts } from './parts.ts';
import { toAssigned } from './test-view.ts';
import { typicalRun } from './typical-load.ts';

const HOUR_S = 3600;
const loadSchema = z.object({ packets: z.number(), bytes: z.number(), seconds: z.number() });

/** A test as it would be saved now, and its upper-bound load on each agent. */
export const previewSchema = z.object({
  checks: z.array(
    z.object({
      probe: z.string(),
      options: z.record(z.string(), z.json()),
      /** Interval between two runs, s. */
      interval: z.number(),
      /** Upper bound of one run against one target. */
      perRun: loadSchema,
    }),
  ),
  agents: z.array(z.object({ id: idSchema, name: z.string(), online: z.boolean() })),
  /** Agents that would run it now, and how many of them are online. */
  matched: z.object({ agents: z.int(), online: z.int() }),
  warnings: testSchema.shape.warnings,
  /** Upper bound of the load on each agent. */
  packetsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  /** Upper bound per agent: runs, bytes sent and received, and their total duration, s. */
  perHour: loadSchema.extend({ runs: z.number() }),
  /** Per agent and hour of typical runs. `results`: estimated from recent results of the same targets, if there are any. */
  typicalPerHour: z.object({ bytes: z.number(), from: z.enum(['results', 'declared']) }),
});

/** Validates without storing anything. @throws ApiProblem 422 */
export async function preview(
  parts: ApiParts,
  test: ValidTest,
  { defaultIntervalMs, defaultDurationMs }: TimingDefaults,
): Promise<z.output<typeof previewSchema>> {
  const { planner, catalog, auth, fleet } = parts;
  // Whether two spellings of one target are stored already is checked when the test is saved.
  checkTest(test, catalog, planner.agents(), new Set(test.targets.map(({ address }) => address)));
  const known = planner.agents();
  const chosen = new Set(
    selectAgents(test.agents, { agents: known, holders: new Set(), awaySinceMs: auth.now(), load: () => 0 }),
  );
  const agents = [...known.values()].filter(({ id }) => chosen.has(id));
  const assigned = agents.map((agent) => toAssigned(agent, fleet));
  const { duration } = test;
  const durationMs = duration === undefined ? defaultDurationMs : duration === null ? null : duration * 1000;
  const testIntervalMs = test.interval === undefined ? defaultIntervalMs : test.interval * 1000;
  const checks = test.checks.map(({ probe, options, interval }) => ({
    id: null,
    probe,
    options,
    fault: null,
    intervalMs: interval === null ? testIntervalMs : interval * 1000,
  }));
  const perHour = hourlyLoad(checks, test.targets.length, catalog);
  return {
    checks: checks.map(({ probe, options, intervalMs }) => ({
      probe,
      options: shownOptions(catalog, probe, options),
      interval: intervalMs / 1000,
      perRun: costOf(catalog, probe, options),
    })),
    agents: assigned,
    matched: { agents: agents.length, online: assigned.filter(({ online }) => online).length },
    warnings: [
      ...warningsOf(
        {
          state: 'running',
          selection: test.agents,
          durationMs,
          checks,
          agents,
          isOnline: (agent) => isOnline(fleet, agent),
          refusal: () => undefined,
        },
        catalog,
      ),
      ...overlapWarnings(
        checks,
        test.targets.map(({ address }) => address),
        catalog,
      ),
    ],
    packetsPerSecond: perHour.packets / HOUR_S,
    bytesPerSecond: perHour.bytes / HOUR_S,
    perHour,
    typicalPerHour: await typicalHour(parts, test, testIntervalMs),
  };
}

async function typicalHour(parts: ApiParts, { checks, targets }: ValidTest, testIntervalMs: number) {
  const addresses = targets.map(({ address }) => address);
  const runs = await Promise.all(
    checks.map(async (check) => {
      const { bytes, from } = await typicalRun(parts, check, addresses);
      const intervalMs = check.interval === null ? testIntervalMs : check.interval * 1000;
      return { bytes: (bytes * targets.length * HOUR_S * 1000) / intervalMs, from };
    }),
  );
  return {
    bytes: runs.reduce((sum, { bytes }) => sum + bytes, 0),
    from: runs.some(({ from }) => from === 'results') ? ('results' as const) : ('declared' as const),
  };
}

function hourlyLoad(
  checks: readonly WarnedCheck[],
  targets: number,
  catalog: Catalog,
): z.output<typeof previewSchema>['perHour'] {
  const sum = { runs: 0, packets: 0, bytes: 0, seconds: 0 };
  for (const { probe, options, intervalMs } of checks) {
    const runs = (targets * HOUR_S * 1000) / intervalMs;
    const { packets, bytes, seconds } = costOf(catalog, probe, options);
    sum.runs += runs;
    sum.packets += runs * packets;
    sum.bytes += runs * bytes;
    sum.seconds += runs * seconds;
  }
  return sum;
}

function costOf(catalog: Catalog, probe: string, options: Options): z.output<typeof loadSchema> {
  const { packets = 0, bytes = 0, seconds = 0 } = catalog[probe]?.cost(options) ?? {};
  return { packets, bytes, seconds };
}
