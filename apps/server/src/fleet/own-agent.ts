import type { Kysely, Transaction } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AgentRow } from './agent-row.ts';

type Db = Kysely<ConfigSchema> | Transaction<ConfigSchema>;

/** Setting that identifies the agent of the server's own host: by its token before enrolment, then by its id. */
const KEY = 'own_agent';
const byToken = (id: string): string => JSON.stringify({ token: id });
const byId = (agent: number): string => JSON.stringify({ agent });

/** Makes the agent that enrols with this token the agent of the server's own host. */
export const expectOwnAgent = (db: Db, token: string): Promise<void> => keep(db, byToken(token));

/** Makes this agent the one of the server's own host. */
export const noteOwnAgent = (db: Db, agent: number): Promise<void> => keep(db, byId(agent));

/** Called when an agent has enrolled with a token. If it is the own agent's token, this is the own agent. */
export async function noteEnrolled(db: Db, token: string, agent: number): Promise<void> {
  await db
    .updateTable('setting')
    .set({ value: byId(agent) })
    .where('key', '=', KEY)
    .where('value', '=', byToken(token))
    .execute();
}

/** The agent of the server's own host. undefined: there is none, or it was revoked. */
export async function ownAgentRow(db: Db): Promise<AgentRow | undefined> {
  const setting = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  const { agent } = JSON.parse(setting?.value ?? '{}') as { agent?: number };
  if (agent === undefined) return undefined;
  const row = db.selectFrom('agent').selectAll().where('id', '=', agent).where('revoked_at', 'is', null);
  return row.executeTakeFirst();
}

async function keep(db: Db, value: string): Promise<void> {
  await db
    .insertInto('setting')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
