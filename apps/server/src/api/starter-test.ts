import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { PlannedTest } from '../planning/model.ts';
import type { Planner } from '../planning/planner.ts';
import type { ValidTest } from '../planning/test-input.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import { type HealthPage, starterInput } from './starter-input.ts';

const KEY = 'starter_test_made';

interface StarterParts {
  readonly db: Kysely<ConfigSchema>;
  readonly planner: Planner;
  readonly catalog: Catalog;
  /** URL of the server's health page for this host. */
  readonly page: HealthPage;
}

/** The starter test as created. `input` null: created by a version that did not store it. */
interface Made {
  readonly id: number;
  readonly input: ValidTest | null;
}

/**
 * Creates the starter test: this host measures itself and the server's health page every 5 s until stopped. It is created
 * once per data folder, and not again if a user deletes it. false: it was created before. Unless a user has edited it,
 * it is then updated to the server's current port and certificate.
 */
export async function makeStarterTest(parts: StarterParts, agents: AgentSelection): Promise<boolean> {
  const { db, planner, catalog, page } = parts;
  const input = starterInput(catalog, page, agents);
  if (input === null) return false;
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  if (row !== undefined) {
    await follow(parts, readMade(row.value), input, agents);
    return false;
  }
  const { id } = await planner.create(input, 'system');
  await remember(db, { id, input });
  return true;
}

async function follow(
  { db, planner, catalog }: StarterParts,
  { id, input: kept }: Made,
  wanted: ValidTest,
  agents: AgentSelection,
): Promise<void> {
  const test = planner.tests().find((one) => one.id === id);
  if (test === undefined) return;
  const [target] = test.targets;
  if (target === undefined) return;
  const made = kept ?? starterInput(catalog, { url: target.address, certificate: null }, agents);
  if (made === null || !isDeepStrictEqual(shapeOfTest(test), shapeOf(made))) return;
  if (isDeepStrictEqual(shapeOf(made), shapeOf(wanted))) return;
  await planner.edit(id, wanted);
  await remember(db, { id, input: wanted });
}

/** The editable fields of a test, without its start and end. */
function shapeOfTest({ name, description, targets, checks, selection, intervalMs, durationMs }: PlannedTest) {
  return {
    name,
    description,
    targets: targets.map(({ address, labels }) => ({ address, labels })),
    checks: checks.map(({ probe, options, expectations, intervalMs: own }) => ({
      probe,
      options,
      expectations,
      intervalMs: own,
    })),
    selection,
    intervalMs,
    durationMs,
  };
}

function shapeOf({ name, description, targets, checks, agents, interval, duration }: ValidTest) {
  return {
    name,
    description,
    targets: targets.map(({ address, labels }) => ({ address, labels })),
    checks: checks.map(({ probe, options, expectations }) => ({ probe, options, expectations, intervalMs: null })),
    selection: agents,
    intervalMs: 1000 * (interval ?? 0),
    durationMs: duration ?? null,
  };
}

function readMade(value: string): Made {
  return /^\d+$/.test(value) ? { id: Number(value), input: null } : (JSON.parse(value) as Made);
}

async function remember(db: Kysely<ConfigSchema>, made: Made): Promise<void> {
  const value = JSON.stringify(made);
  await db
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
