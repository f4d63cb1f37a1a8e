import { agentSchema, changeAgentSchema } from '@netsonde/protocol/api';
import { sql } from 'kysely';
import { z } from 'zod';
import { actorName } from '../auth/caller.ts';
import { listAgents, oneAgent } from './agent-view.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, notFound } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Agents: what they are, what they can do, how they are. */
export function agentRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { auth, audit, fleet, planner } = parts;
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
      answer: agentSchema,
      handle: async ({ params: { id }, body: { name, labels }, caller }) => {
        await oneAgent(parts, id);
        if (name !== undefined) await checkNameIsFree(parts, id, name);
        const changes = {
          ...(name === undefined ? {} : { name }),
          ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
        };
        if (Object.keys(changes).length > 0)
          await auth.db.updateTable('agent').set(changes).where('id', '=', id).execute();
        planner.agentChanged({
          id,
          ...(name === undefined ? {} : { name }),
          ...(labels === undefined ? {} : { labels }),
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
        await fleet.revoke(id);
        planner.agentChanged({ id, revoked: true });
        await planner.settled();
        await audit({ actor: actorName(caller), action: 'agent.revoke', subject: `agent ${id}` });
      },
    }),
  ];
}

async function checkNameIsFree({ auth }: ApiParts, id: number, name: string): Promise<void> {
  const taken = await auth.db
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
