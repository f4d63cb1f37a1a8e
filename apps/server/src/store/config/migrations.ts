import type { Migration } from 'kysely';
import * as accessFleetTests from './migrations/001-access-fleet-tests.ts';
import * as keysAndListeningAgents from './migrations/002-keys-and-listening-agents.ts';
import * as ownLabels from './migrations/003-own-labels.ts';
import * as spanIndexes from './migrations/004-span-indexes.ts';
import * as incarnations from './migrations/005-incarnations.ts';
import * as agentHosts from './migrations/006-agent-hosts.ts';

/** All migrations from an empty database to the current tables, by name. A released migration is never edited. */
export const migrations: Readonly<Record<string, Migration>> = Object.freeze({
  '001-access-fleet-tests': accessFleetTests,
  '002-keys-and-listening-agents': keysAndListeningAgents,
  '003-own-labels': ownLabels,
  '004-span-indexes': spanIndexes,
  '005-incarnations': incarnations,
  '006-agent-hosts': agentHosts,
});
