import { refusedQuerySchema, refusedSeriesSchema, unplannedQuerySchema, unplannedSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { actorName } from '../auth/caller.ts';
import { damagedCounts } from './damaged-counts.ts';
import { iso } from './instants.ts';
import type { ApiParts } from './parts.ts';
import { notFound } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes of an agent's refused records, and of its records for checks that this server does not know. */
export function refusalRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { audit, planner, store } = parts;
  const checkAgent = (id: number) => {
    if (!planner.agents().has(id)) throw notFound('agent', id);
  };
  return [
    route({
      method: 'GET',
      path: '/agents/:id/refused',
      access: 'viewer',
      tag: 'Agents',
      summary: 'Refused runs of an agent by check, target and reason, most first.',
      params: idParams,
      query: refusedQuerySchema,
      answer: z.array(refusedSeriesSchema),
      handle: async ({ params: { id }, query: { limit } }) => {
        checkAgent(id);
        const rows = await store.refusedSeries(id, limit);
        return rows.map(({ firstMs, lastMs, ...row }) => ({ ...row, firstAt: iso(firstMs), lastAt: iso(lastMs) }));
      },
    }),
    route({
      method: 'GET',
      path: '/agents/:id/unplanned',
      access: 'admin',
      tag: 'Agents',
      summary: 'Records of checks that this server does not know, as the agent sent them, in pages.',
      params: idParams,
      query: unplannedQuerySchema,
      answer: unplannedSchema,
      handle: async ({ params: { id }, query: { after, limit } }) => {
        checkAgent(id);
        const { frames, next } = await store.unplanned(id, after, limit);
        return {
          frames: frames.map(({ epoch, receivedMs, records }) => ({
            epoch,
            receivedAt: iso(receivedMs),
            records: z.array(z.json()).parse(records),
          })),
          next,
          ...damagedCounts(parts, ['refusals'], { agent: id }),
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/agents/:id/unplanned',
      access: 'admin',
      tag: 'Agents',
      summary: 'Deletes the records of an agent that belong to no check of this server.',
      params: idParams,
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        checkAgent(id);
        await store.forgetUnplanned(id);
        await audit({ actor: actorName(caller), action: 'agent.forget_unplanned', subject: `agent ${id}` });
      },
    }),
  ];
}
