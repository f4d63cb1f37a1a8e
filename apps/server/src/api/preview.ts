import { idSchema, testSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { selectAgents } from '../planning/select-agents.ts';
import type { ValidTest } from '../planning/test-input.ts';
import { checkTest } from '../planning/validate-test.ts';
import { overlapWarnings, warningsOf } from '../planning/warnings.ts';
import type { ApiParts } from './parts.ts';
import { toAssigned } from './test-view.ts';

/** What a test would be if it were created now. */
export const previewSchema = z.object({
  checks: z.array(z.object({ probe: z.string(), options: z.record(z.string(), z.json()) })),
  agents: z.array(z.object({ id: idSchema, name: z.string(), online: z.boolean() })),
  warnings: testSchema.shape.warnings,
  /** Load on each agent, at most. */
  packetsPerSecond: z.number(),
  bytesPerSecond: z.number(),
});

/** Validates without keeping anything. @throws ApiProblem 422 */
export function preview(
  { planner, catalog, auth }: ApiParts,
  test: ValidTest,
  defaultIntervalMs: number,
): z.output<typeof previewSchema> {
  checkTest(test, catalog, planner.agents());
  const known = [...planner.agents().values()];
  const chosen = new Set(
    selectAgents(test.agents, { agents: known, holders: new Set(), awaySinceMs: auth.now(), load: () => 0 }),
  );
  const agents = known.filter(({ id }) => chosen.has(id));
  const testIntervalMs = test.interval === undefined ? defaultIntervalMs : test.interval * 1000;
  const checks = test.checks.map(({ probe, options, interval }) => ({
    id: null,
    probe,
    options,
    intervalMs: interval === null ? testIntervalMs : interval * 1000,
  }));
  const perSecond = (kind: 'packets' | 'bytes') =>
    checks.reduce(
      (sum, { probe, options, intervalMs }) =>
        sum + (test.targets.length * 1000 * (catalog[probe]?.cost(options)[kind] ?? 0)) / intervalMs,
      0,
    );
  return {
    checks: checks.map(({ probe, options }) => ({ probe, options })),
    agents: agents.map(toAssigned),
    warnings: [
      ...warningsOf({ state: 'running', checks, agents, refusal: () => undefined }, catalog),
      ...overlapWarnings(checks, catalog),
    ],
    packetsPerSecond: perSecond('packets'),
    bytesPerSecond: perSecond('bytes'),
  };
}
