import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { ownAgentRow } from './own-agent.ts';
import type { ServerKeys } from './server-key.ts';

const MOST_NAMES = 10;

/**
 * Names the agents that pin a key which this server no longer has (its file was lost or replaced), and what to do. null:
 * there are none. The agent of the server's own host is left out: `netsonde up` gives it the new key.
 */
export async function cutOffWarning(db: Kysely<ConfigSchema>, keys: ServerKeys): Promise<string | null> {
  const own = await ownAgentRow(db);
  const rows = await db
    .selectFrom('agent')
    .select(['id', 'name'])
    .where('revoked_at', 'is', null)
    .where(
      'server_key',
      'not in',
      keys.all.map(({ fingerprint }) => fingerprint),
    )
    .orderBy('name')
    .execute();
  const names = rows.filter(({ id }) => id !== own?.id).map(({ name }) => name);
  return names.length === 0 ? null : words(names, keys.file);
}

function words(names: readonly string[], file: string): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `These agents know this server by another key than the one in ${file}, which was lost or replaced: ${names.slice(0, MOST_NAMES).join(', ')}${more}. They refuse to connect, go on measuring and keep their results. With a backup of the former file: stop the server, put it back and start again; they then deliver everything. Without one: revoke each of them on the page Agents and enrol it again, with a token made now and another --data folder.`;
}
