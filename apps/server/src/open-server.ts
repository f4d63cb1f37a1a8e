import type { Catalog } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import type { FastifyBaseLogger } from 'fastify';
import type { OwnAgent } from './api/own-agent.ts';
import { givenClock, openServerClock } from './clock/server-clock.ts';
import { Closers } from './closers.ts';
import { type ComposedServer, composeServer } from './compose-server.ts';
import { openLog } from './http/log.ts';
import { Incarnation } from './incarnation/incarnation.ts';
import type { LiveHub } from './live/hub.ts';
import { fleetOf } from './open-fleet.ts';
import type { Planner } from './planning/planner.ts';
import { withDefaults } from './planning/test-input.ts';
import { probeDefaults } from './settings/option-defaults.ts';
import { preparePlaces } from './settings/places.ts';
import type { Settings } from './settings/settings.ts';
import { openConfigStore } from './store/config/open-config-store.ts';
import { checkDataFolder } from './store/data-folder/data-folder.ts';
import { keepPrivate } from './store/data-folder/private-data.ts';
import { lockDataFolder } from './store/data-lock.ts';
import { openResultStore } from './store/open-result-store.ts';

/** What a server needs besides its settings. */
export interface OpenServerParts {
  readonly catalog: Catalog;
  /** The built dashboard (`apps/web/dist`). Absent: the server has only its API. */
  readonly webFolder?: string | undefined;
  /** Default: standard error, as the settings say. */
  readonly log?: FastifyBaseLogger;
  /** Epoch ms, right by definition; default: the server's best estimate by its host's clock. */
  readonly now?: () => number;
  /** Names of lost files without which it starts (`results.db`). Default: none. */
  readonly acceptLoss?: readonly string[];
}

/** A server that answers. */
export interface RunningServer {
  /** URL for this host, with the base path, without a trailing slash. */
  readonly url: string;
  /** URL to create the first admin, with a one-time token that is new at each start. null: there is an admin. */
  readonly setupLink: string | null;
  readonly routes: ComposedServer['routes'];
  /** Creates the starter test for these agents, once per data folder. false: it was created before. */
  ensureStarterTest(agents: AgentSelection): Promise<boolean>;
  /** The agent of this host, for the process that runs it. */
  readonly ownAgent: OwnAgent;
  /** Reads again what can change while the server runs: the files of its certificate. */
  reload(): Promise<void>;
  /** Stops within 5 s. All acknowledged data is on the disk. */
  close(): Promise<void>;
}

/**
 * Starts a server on its data folder.
 * @throws SettingsError, StoreError (folder in use, disk full ...) or Error that says what to do.
 */
export async function openServer(
  settings: Settings,
  { catalog, webFolder, log = openLog(settings), now, acceptLoss = [] }: OpenServerParts,
): Promise<RunningServer> {
  const offered = withDefaults(catalog, probeDefaults(settings, catalog));
  preparePlaces(settings);
  const opened = new Closers();
  try {
    const lock = lockDataFolder(settings.dataFolder);
    opened.add(() => lock.release());
    const widened = keepPrivate(settings.dataFolder, settings.databaseFile);
    if (widened.length > 0) log.warn(`other users of this host could read ${widened.join(', ')}: they cannot any more`);
    const clock =
      now === undefined ? openServerClock({ dataFolder: settings.dataFolder, log: plainLog(log) }) : givenClock(now);
    opened.add(() => clock.close());
    const folder = checkDataFolder({
      ...settings,
      accepted: acceptLoss,
      nowMs: clock.now(),
      warn: (text) => log.warn(text),
    });
    const config = await openConfigStore(settings.databaseFile);
    opened.add(() => config.close());
    const results = await folder.prepareResults(config.db);
    opened.add(() =>
      folder.finish(config.db).catch((err: unknown) => log.warn({ err }, 'the data folder was not marked')),
    );
    const store = await openResultStore(settings.dataFolder, catalog, {
      folder: results,
      planFile: settings.databaseFile,
      retention: settings.retention,
      clock,
      onError: (err) => log.error({ err }, 'the store could not look after its files; it tries again'),
      ...(settings.debug ? { onWork: (work) => log.debug(work, 'the store looked after its files') } : {}),
    });
    opened.add(() => store.close());
    const incarnation = await Incarnation.open({
      db: config.db,
      now: clock.now,
      restored: folder.restored,
      began: () => store.planChanged([]),
      warn: (message) => log.warn(message),
    });
    const openFleet = (planner: Planner, hub: LiveHub) =>
      fleetOf(settings, { planner, hub, log, db: config.db, store, now: clock.now, clock, incarnation });
    const server = await composeServer({ settings, catalog: offered, config, store, log, webFolder, clock, openFleet });
    opened.add(() => server.close());
    warnOfOpenDoors(settings, log);
    return Object.freeze({ ...server, close: () => opened.close() });
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}

const plainLog = (log: FastifyBaseLogger) => ({
  warn: (text: string) => log.warn(text),
  info: (text: string) => log.info(text),
});

function warnOfOpenDoors({ host, tls, trustedProxies }: Settings, log: FastifyBaseLogger): void {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (loopback || tls !== null || trustedProxies.length > 0) return;
  log.warn(
    'TLS is off and the server listens beyond this host: passwords and results cross the network readable. Set TLS_CERT and TLS_KEY, or listen on 127.0.0.1 behind a proxy.',
  );
}
