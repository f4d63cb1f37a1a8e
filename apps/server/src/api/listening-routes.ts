import { addListeningAgentSchema, listeningAgentSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { actorName } from '../auth/caller.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, invalid, notFound } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes of listening agents. Only administrators may use them, since the server dials the entered addresses. */
export function listeningRoutes({ fleet: { listening }, audit }: ApiParts): readonly ApiRoute[] {
  const common = { access: 'admin', tag: 'Agents' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/agents/listening',
      summary: 'Agents that listen and that this server dials, with what went wrong last.',
      answer: z.array(listeningAgentSchema),
      handle: () => [...listening.list()],
    }),
    route({
      ...common,
      method: 'POST',
      path: '/agents/listening',
      summary: 'Enters where an agent listens (netsonde agent --listen); the server dials it from now on.',
      body: addListeningAgentSchema,
      refusals: [409],
      answer: listeningAgentSchema,
      status: 201,
      handle: async ({ body: { url }, caller }) => {
        const added = await listening.add(url).catch((error: unknown) => {
          throw invalid([{ path: 'url', message: error instanceof Error ? error.message : String(error) }]);
        });
        if (added === null) throw new ApiProblem(409, 'conflict', `${url} is entered already.`);
        const subject = `listening agent ${added.id}`;
        await audit({ actor: actorName(caller), action: 'listening_agent.add', subject, detail: added.url });
        return added;
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/agents/listening/:id',
      summary: 'Dials an agent no more; it stays enrolled.',
      params: idParams,
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        if (!(await listening.remove(id))) throw notFound('listening agent', id);
        await audit({
          actor: actorName(caller),
          action: 'listening_agent.delete',
          subject: `listening agent ${id}`,
        });
      },
    }),
  ];
}
