import { agentSchema, changeAgentSchema } from '@netsonde/protocol/api';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { actorName } from '../auth/caller.ts';
import type { AgentRow } from '../fleet/agent-row.ts';
import { selectingLabels } from '../fleet/selecting-labels.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import { listAgents, oneAgent } from './agent-view.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, notFound } from './problem.ts';
import { revokeAgent } from './revoke-agent.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes of agents: properties, capabilities and status. */
export function agentRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { auth, audit, planner } = parts;
  return [
    route({
      method: 'GET',
      path: '/agents',
      access: 'viewer',
      tag: 'Agents',
      summary: 'All agents.',
      answer: z.array(agentSchema),
      handle: () => listAgents(parts),
    }),
    route({
      method: 'GET',
      path: '/agents/:id',
      access: 'viewer',
      tag: 'Agents',
      summary: 'One agent.',
      params: idParams,
      answer: agentSchema,
      handle: ({ params: { id } }) => oneAgent(parts, id),
    }),
    route({
      method: 'PATCH',
      path: '/agents/:id',
      access: 'editor',
      tag: 'Agents',
      summary: 'Renames an agent or changes its labels.',
      params: idParams,
      body: changeAgentSchema,
      refusals: [409],
      answer: agentSchema,
      handle: async ({ params: { id }, body: { name, labels }, caller }) => {
        await oneAgent(parts, id);
        const row = await auth.db.transaction().execute((db) => changeAgent(db, id, { name, labels }));
        planner.agentChanged({
          id,
          ...(name === undefined ? {} : { name }),
          ...(labels === undefined ? {} : { labels: selectingLabels(row) }),
        });
        await planner.settled();
        await audit({
          actor: actorName(caller),
          action: 'agent.change',
          subject: `agent ${id}`,
          detail: JSON.stringify({ name, labels }),
        });
        return oneAgent(parts, id);
      },
    }),
    route({
      method: 'DELETE',
      path: '/agents/:id',
      access: 'admin',
      tag: 'Agents',
      summary: 'Revokes an agent: its key is refused from now on. Its results stay.',
      params: idParams,
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        if (planner.agents().get(id)?.revoked !== false) throw notFound('agent', id);
        await revokeAgent(parts, id, { actor: actorName(caller) });
      },
    }),
  ];
}

/** Checks and sets the name in one transaction. @throws ApiProblem 409 */
async function changeAgent(
  db: Kysely<ConfigSchema>,
  id: number,
  { name, labels }: z.output<typeof changeAgentSchema>,
): Promise<AgentRow> {
  if (name !== undefined) await checkNameIsFree(db, id, name);
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
  };
  if (Object.keys(changes).length > 0) await db.updateTable('agent').set(changes).where('id', '=', id).execute();
  return db.selectFrom('agent').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function checkNameIsFree(db: Kysely<ConfigSchema>, id: number, name: string): Promise<void> {
  const taken = await db
    .selectFrom('agent')
    .select('id')
    .where(sql<boolean>`lower(name) = lower(${name})`)
    .where('id', '!=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (taken !== undefined)
    throw new ApiProblem(409, 'name_taken', `There is an agent ${name} already: choose another name.`, {
      fields: [{ path: 'name', message: 'taken' }],
    });
}
