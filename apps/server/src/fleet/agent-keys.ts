import type { AgentHost } from '@netsonde/protocol';
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
export async function noteClone(
  db: Db,
  key: string,
  { address, host }: { readonly address: string; readonly host: AgentHost | undefined },
  nowMs: number,
): Promise<number | undefined> {
  const noted = await db
    .updateTable('agent')
    .set({
      clone_address: address,
      clone_seen_at: nowMs,
      clone_host: host === undefined ? null : JSON.stringify(host),
    })
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

/**
 * An administrator says that the host which was rejected as a copy is the agent, moved there: it has the agent's name from
 * now on, and the former host is a copy. false: no such host is waiting.
 */
export async function acceptMove(db: Db, agent: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('agent')
    .set((row) => ({ host: row.ref('clone_host'), clone_address: null, clone_seen_at: null, clone_host: null }))
    .where('id', '=', agent)
    .where('clone_host', 'is not', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
