import { finishRotationSchema, serverKeySchema } from '@netsonde/protocol/api';
import { actorName } from '../auth/caller.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, notFound } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes to rotate the keys of the server and of agents. */
export function keyRoutes({ fleet, planner, audit }: ApiParts): readonly ApiRoute[] {
  const common = { access: 'admin', tag: 'Keys' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/server-key',
      summary: 'The key that agents know this server by, and who waits for the newest one.',
      answer: serverKeySchema,
      handle: () => fleet.rotation.state(),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/server-key/rotation',
      summary: 'Creates a new key of this server and announces it to the agents; the former key stays valid meanwhile.',
      answer: serverKeySchema,
      status: 201,
      refusals: [409],
      handle: async ({ caller }) => {
        if (!fleet.rotation.begin())
          throw new ApiProblem(409, 'conflict', 'The key is being changed already: finish that first.');
        await audit({ actor: actorName(caller), action: 'server_key.rotate', subject: 'server key' });
        return fleet.rotation.state();
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/server-key/rotation/finish',
      summary: 'Gives up the former key of this server, once no agent needs it.',
      body: finishRotationSchema,
      refusals: [409],
      answer: serverKeySchema,
      handle: async ({ body: { evenIfWaiting }, caller }) => {
        const outcome = await fleet.rotation.finish(evenIfWaiting);
        if (outcome === 'none') throw new ApiProblem(409, 'conflict', 'The key is not being changed.');
        if (outcome === 'waiting') throw stillWaiting((await fleet.rotation.state()).waiting);
        await audit({ actor: actorName(caller), action: 'server_key.finish', subject: 'server key' });
        return fleet.rotation.state();
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/agents/:id/accept-move',
      summary:
        'The host that was held as a copy of an agent is the agent, moved there; its former host is held as a copy.',
      params: idParams,
      status: 204,
      refusals: [409],
      handle: async ({ params: { id }, caller }) => {
        if (planner.agents().get(id)?.revoked !== false) throw notFound('agent', id);
        if (!(await fleet.acceptMove(id)))
          throw new ApiProblem(409, 'conflict', 'No other host with the key of this agent is waiting.');
        await audit({ actor: actorName(caller), action: 'agent.accept_move', subject: `agent ${id}` });
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/agents/:id/rotate-key',
      summary: 'Asks an agent that is online to take a new key; it keeps its identity and its results.',
      params: idParams,
      status: 204,
      refusals: [409],
      handle: async ({ params: { id }, caller }) => {
        if (planner.agents().get(id)?.revoked !== false) throw notFound('agent', id);
        if (!fleet.rotateAgentKey(id))
          throw new ApiProblem(
            409,
            'conflict',
            'The agent has no session now, or is too old to change its key: wait until it is online, or start it with --rotate-key.',
          );
        await audit({ actor: actorName(caller), action: 'agent.rotate_key', subject: `agent ${id}` });
      },
    }),
  ];
}

function stillWaiting(waiting: readonly { readonly name: string }[]): ApiProblem {
  const names = waiting.slice(0, 10).map(({ name }) => name);
  const more = waiting.length > names.length ? ` and ${waiting.length - names.length} more` : '';
  return new ApiProblem(
    409,
    'conflict',
    `These agents do not know the new key yet: ${names.join(', ')}${more}. Wait until they have been online, revoke them, or send evenIfWaiting: they must then be enrolled again.`,
  );
}
