import { digits } from '@netsonde/protocol/api';
import { z } from 'zod';
import { actorName, hasRole } from '../auth/caller.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem } from './problem.ts';
import { type ApiRoute, route } from './route.ts';

/** Most open streams: in total, and per user or token, so that no caller blocks the others. */
const MAX_READERS = 500;
const MAX_OF_ONE = 50;
const id = digits(1).optional();

/** Route of the live stream. */
export function liveRoutes({ hub, identify }: ApiParts): readonly ApiRoute[] {
  const open = new Map<string, number>();
  return [
    route({
      method: 'GET',
      path: '/live',
      access: 'viewer',
      tag: 'Live',
      summary: 'Server-Sent Events: results, missed, progress, agent, test. Of one test or agent where named.',
      query: z.object({ test: id, agent: id }),
      contentType: 'text/event-stream',
      written: z.string(),
      refusals: [429],
      handle: ({ query: { test, agent }, caller, raw, reply }) => {
        const who = actorName(caller);
        const own = open.get(who) ?? 0;
        if (hub.readers >= MAX_READERS || own >= MAX_OF_ONE) throw crowded(own >= MAX_OF_ONE ? 'of yours' : 'in all');
        open.set(who, own + 1);
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
        const gone = once(() => {
          leave();
          const left = (open.get(who) ?? 1) - 1;
          if (left === 0) open.delete(who);
          else open.set(who, left);
        });
        reply.raw.on('error', gone).on('close', gone);
      },
    }),
  ];
}

const crowded = (whose: string): ApiProblem =>
  new ApiProblem(429, 'too_many_requests', `There are too many live streams ${whose} already: close one.`);

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
