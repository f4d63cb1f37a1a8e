import type { Catalog } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { Planner } from '../planning/planner.ts';
import { testInputFor } from '../planning/test-input.ts';
import type { ConfigSchema } from '../store/config-schema.ts';

const KEY = 'starter_test_made';
/** Probes that can measure a server's own health page, as far as a catalog has them. */
const STARTER_PROBES = ['icmp', 'tcp', 'http'];

interface StarterParts {
  readonly db: Kysely<ConfigSchema>;
  readonly planner: Planner;
  readonly catalog: Catalog;
  /** Where this host reaches the server's health page. */
  readonly healthUrl: string;
}

/**
 * Makes the starter test: this host measures itself and the server's health page, every 5 s, until stopped. Once in the
 * life of a data folder: it does not come back when people delete it. false: it was made before.
 */
export async function makeStarterTest(
  { db, planner, catalog, healthUrl }: StarterParts,
  agents: AgentSelection,
): Promise<boolean> {
  const made = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  const checks = STARTER_PROBES.filter((probe) => catalog[probe] !== undefined).map((probe) => ({ probe }));
  if (made !== undefined || checks.length === 0) return false;
  const input = testInputFor(catalog).parse({
    name: 'This host',
    description: 'Loopback, and the server’s own health page. Edit or delete it as you like.',
    targets: [{ address: healthUrl }],
    checks,
    agents,
    interval: 5,
    duration: null,
  });
  const { id } = await planner.create(input, 'system');
  await db
    .insertInto('setting')
    .values({ key: KEY, value: String(id) })
    .execute();
  return true;
}
