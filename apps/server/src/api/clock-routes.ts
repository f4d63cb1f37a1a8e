import { type ServerClockState, serverClockSchema } from '@netsonde/protocol/api';
import { actorName } from '../auth/caller.ts';
import { problemWords } from '../clock/clock-words.ts';
import type { ServerClock } from '../clock/server-clock.ts';
import { iso, isoOrNull } from './instants.ts';
import type { ApiParts } from './parts.ts';
import { type ApiRoute, route } from './route.ts';

/** Routes of the server's clock. */
export function clockRoutes({ clock, audit }: ApiParts): readonly ApiRoute[] {
  const common = { tag: 'Clock', answer: serverClockSchema } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/server-clock',
      access: 'viewer',
      summary: "What time it is, how certain that is, and what is wrong with this host's clock.",
      handle: async () => clockView(clock),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/server-clock/believe',
      access: 'admin',
      summary: "Says that this host's clock is right as it is: the server uses it from now on.",
      handle: async ({ caller }) => {
        const { problem } = clock.state();
        await audit({
          actor: actorName(caller),
          action: 'server_clock.believe',
          subject: 'server clock',
          detail: problem === null ? '' : `${problem.kind}, ${Math.round(problem.byMs)} ms`,
        });
        clock.believe();
        return clockView(clock);
      },
    }),
  ];
}

/** The state of the clock as the API shows it. */
export function clockView(clock: Pick<ServerClock, 'now' | 'state'>): ServerClockState {
  const { problem, leastMs, ...state } = clock.state();
  return {
    now: iso(clock.now()),
    ...state,
    least: isoOrNull(leastMs),
    problem:
      problem === null
        ? null
        : { kind: problem.kind, byMs: problem.byMs, since: iso(problem.sinceMs), text: problemWords(problem) },
  };
}
