import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from './config-schema.ts';

const KEY = 'results_folder';
const FIRST = 'results';

/**
 * Name of the folder with the results of this database, stored in the database itself. Ids of agents, checks and targets
 * have a meaning in one database only. A database used with another one's data folder must not show those results, nor
 * treat records of those agents as received.
 */
export async function resultsFolder(db: Kysely<ConfigSchema>, dataFolder: string): Promise<string> {
  const kept = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  if (kept !== undefined) return kept.value;
  const value = (await everHadAgents(db)) ? FIRST : freeName(dataFolder);
  await db.insertInto('setting').values({ key: KEY, value }).execute();
  return value;
}

/** For a database of a version without the name: one that has had agents has its results in the first folder. */
async function everHadAgents(db: Kysely<ConfigSchema>): Promise<boolean> {
  return (await db.selectFrom('agent').select('id').limit(1).executeTakeFirst()) !== undefined;
}

function freeName(dataFolder: string): string {
  let name = FIRST;
  for (let number = 2; existsSync(join(dataFolder, name)); number += 1) name = `${FIRST}-${number}`;
  return name;
}
