import type { LiveEvents } from '@netsonde/protocol/api';
import type { FastifyBaseLogger } from 'fastify';
import type { FleetPart } from './compose-server.ts';
import { createFleet } from './fleet/index.ts';
import type { LiveHub } from './live/hub.ts';
import type { Planner } from './planning/planner.ts';
import type { Settings } from './settings/settings.ts';

/** What the fleet depends on. */
type FleetNeeds = { readonly planner: Planner; readonly hub: LiveHub; readonly log: FastifyBaseLogger } & Pick<
  Parameters<typeof createFleet>[0],
  'db' | 'store' | 'now' | 'clock' | 'incarnation'
>;

/** Opens the fleet and connects it to planning and the live stream. */
export async function fleetOf(
  { dataFolder, basePath, heartbeatMs, debug }: Settings,
  { planner, hub, log, db, store, now, clock, incarnation }: FleetNeeds,
): Promise<FleetPart> {
  return createFleet({
    db,
    store,
    planning: planner,
    ...(incarnation === undefined ? {} : { incarnation }),
    audience: {
      listening: () => hub.readers > 0,
      results: (origin, records) => hub.results(origin, records),
      publish: (name, data, topic) => {
        const check = checkOf(data);
        const test = check === null ? topic.test : (planner.directory.check(check)?.test ?? null);
        hub.publish(name, data, { ...topic, test });
      },
    },
    dataFolder,
    basePath,
    heartbeatMs,
    now,
    clock,
    log: {
      info: (text) => log.info(text),
      warn: (text) => log.warn(text),
      error: (text) => log.error(text),
      ...(debug ? { debug: (text) => log.debug(text) } : {}),
    },
  });
}

/** The check that an event is about. null: none. */
function checkOf(data: LiveEvents['agent' | 'missed' | 'progress']): number | null {
  if ('record' in data) return data.record.check;
  return 'check' in data ? data.check : null;
}
