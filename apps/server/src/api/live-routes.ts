import { z } from 'zod';
import { hasRole } from '../auth/caller.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem } from './problem.ts';
import { type ApiRoute, route } from './route.ts';

const MAX_READERS = 500;
const id = z.coerce.number<string>().int().positive().optional();

/** The live stream. */
export function liveRoutes({ hub, identify }: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/live',
      access: 'viewer',
      tag: 'Live',
      summary: 'Server-Sent Events: results, missed, progress, agent, test. Of one test or agent where named.',
      query: z.object({ test: id, agent: id }),
      contentType: 'text/event-stream',
      handle: ({ query: { test, agent }, raw, reply }) => {
        if (hub.readers >= MAX_READERS)
          throw new ApiProblem(429, 'too_many_requests', `There are ${MAX_READERS} live streams already: close one.`);
        reply.hijack();
        reply.raw.writeHead(200, {
          ...Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined)),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        reply.raw.write('retry: 2000\n\n');
        const allowed = async () => hasRole(await identify(raw, false), 'viewer');
        const leave = hub.subscribe(reply.raw, { test: test ?? null, agent: agent ?? null }, allowed);
        reply.raw.on('close', leave).on('error', leave);
      },
    }),
  ];
}
