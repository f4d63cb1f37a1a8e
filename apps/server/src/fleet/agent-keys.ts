import type { Kysely, Transaction } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AgentRow } from './agent-row.ts';
import { badMessage } from './rejection.ts';

type Db = Kysely<ConfigSchema>;

/** The current row of a key, the agent's present one or the one before it, if there is one; else the revoked one. */
export async function findByKey(db: Db | Transaction<ConfigSchema>, key: string): Promise<AgentRow | undefined> {
  const rows = await db
    .selectFrom('agent')
    .selectAll()
    .where((where) => where.or([where('public_key', '=', key), where('previous_public_key', '=', key)]))
    .orderBy('id', 'desc')
    .execute();
  return rows.find(({ revoked_at }) => revoked_at === null) ?? rows[0];
}

/**
 * The agent is known by its new key from now on, and by the one that it came with until the new one is used.
 * @throws SessionRejection where another agent has the key, or this one was revoked
 */
export async function takeNewKey(db: Db, agent: number, cameWith: string, newKey: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const holder = await findByKey(transaction, newKey);
    if (holder !== undefined && holder.id !== agent) throw badMessage('the new key is another agent’s');
    if (holder?.public_key === newKey) return;
    const { numUpdatedRows } = await transaction
      .updateTable('agent')
      .set({ public_key: newKey, previous_public_key: cameWith })
      .where('id', '=', agent)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw badMessage('the agent was revoked');
  });
}

/** The agent has written down that it accepts a server that proves this key. */
export async function notePinned(db: Db, agent: number, fingerprint: string): Promise<void> {
  await db.updateTable('agent').set({ server_key: fingerprint }).where('id', '=', agent).execute();
}

/**
 * Somebody with this agent's key was turned away: the data folder was copied, or an old copy was restored.
 * Answers whose key it is; undefined: nobody's any more.
 */
export async function noteClone(db: Db, key: string, address: string, nowMs: number): Promise<number | undefined> {
  const noted = await db
    .updateTable('agent')
    .set({ clone_address: address, clone_seen_at: nowMs })
    .where((where) => where.or([where('public_key', '=', key), where('previous_public_key', '=', key)]))
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return noted?.id;
}

/** Agents that would not know a server that proves nothing but this key. */
export async function agentsWithout(db: Db, fingerprint: string): Promise<readonly { id: number; name: string }[]> {
  return db
    .selectFrom('agent')
    .select(['id', 'name'])
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('server_key', 'is', null), where('server_key', '!=', fingerprint)]))
    .orderBy('id')
    .execute();
}
