import type { Kysely, Transaction } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AgentRow } from './agent-row.ts';
import { badMessage } from './rejection.ts';

type Db = Kysely<ConfigSchema>;

/** The row of the agent that has this key as its current or previous one. Without one, the row of a revoked agent. */
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
 * Accepts the agent's new key from now on, and its present key until the new one is used.
 * @throws SessionRejection if another agent has the key, or this one was revoked
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

/** Records that the agent has stored this server key as accepted. */
export async function notePinned(db: Db, agent: number, fingerprint: string): Promise<void> {
  await db.updateTable('agent').set({ server_key: fingerprint }).where('id', '=', agent).execute();
}

/**
 * Records that a client with this agent's key was rejected: the data folder was copied, or an old copy was restored.
 * Returns the agent that has the key. undefined: no agent has it any more.
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

/** Agents that would not accept a server that proves only this key. */
export async function agentsWithout(db: Db, fingerprint: string): Promise<readonly { id: number; name: string }[]> {
  return db
    .selectFrom('agent')
    .select(['id', 'name'])
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('server_key', 'is', null), where('server_key', '!=', fingerprint)]))
    .orderBy('id')
    .execute();
}
