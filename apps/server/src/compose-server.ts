import { readFileSync } from 'node:fs';
import type { Catalog } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { Coverage } from './api/coverage.ts';
import { ledgerOf } from './api/ledger-rows.ts';
import { type OwnAgent, ownAgentOf } from './api/own-agent.ts';
import type { FleetView } from './api/parts.ts';
import { registerApi } from './api/register-api.ts';
import { makeStarterTest } from './api/starter-test.ts';
import { Tallies } from './api/tallies.ts';
import { toResult } from './api/to-result.ts';
import { type AuditEntry, audit, auditFacts } from './auth/audit.ts';
import type { GuardedRoute } from './auth/guard.ts';
import { identify } from './auth/identify.ts';
import { renewSetupToken } from './auth/setup-link.ts';
import type { ServerClock } from './clock/server-clock.ts';
import { Closers } from './closers.ts';
import type { ServerKeys } from './fleet/server-key.ts';
import { buildApp } from './http/build-app.ts';
import { serveDashboard } from './http/dashboard.ts';
import { serveHealth } from './http/health.ts';
import { listen } from './http/listen.ts';
import { LiveHub } from './live/hub.ts';
import { Planner } from './planning/planner.ts';
import type { Settings } from './settings/settings.ts';
import type { ConfigStore } from './store/config/open-config-store.ts';
import type { ResultStore } from './store/result-store.ts';
import { VERSION } from './version.ts';

/** The parts of the fleet that the composition needs. */
export interface FleetPart extends FleetView {
  /** The server's own. */
  readonly keys: Pick<ServerKeys, 'all' | 'newest'>;
  /** Registers the agents' endpoint. */
  register(app: FastifyInstance): Promise<void>;
  /** Call it when an agent's assignment has changed. */
  assignmentChanged(agent: number): void;
  close(): Promise<void>;
}

export interface ServerParts {
  readonly settings: Settings;
  /** With the operator's defaults. */
  readonly catalog: Catalog;
  readonly config: ConfigStore;
  readonly store: ResultStore;
  readonly log: FastifyBaseLogger;
  /** Folder of the built dashboard. Absent: the server has none. */
  readonly webFolder: string | undefined;
  readonly clock: ServerClock;
  readonly openFleet: (planner: Planner, hub: LiveHub) => Promise<FleetPart>;
}

/** A server that answers. */
export interface ComposedServer {
  readonly url: string;
  /** URL to create the first admin. null: there is one. */
  readonly setupLink: string | null;
  /** All registered routes. */
  readonly routes: readonly GuardedRoute[];
  ensureStarterTest(agents: AgentSelection): Promise<boolean>;
  readonly ownAgent: OwnAgent;
  /** Reads again what can change while the server runs: the files of its certificate. */
  reload(): Promise<void>;
  /** Stops listening, then closes everything that it opened. The stores stay open. */
  close(): Promise<void>;
}

/** Least time without a session before an agent counts as away, ms. */
const LEAST_PATIENCE_MS = 10_000;

/** Composes the server's parts and starts it. If it cannot start, it closes what it opened. */
export async function composeServer(parts: ServerParts): Promise<ComposedServer> {
  const opened = new Closers();
  try {
    return await startServer(parts, opened);
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function startServer(parts: ServerParts, opened: Closers): Promise<ComposedServer> {
  const { settings, catalog, config, store, log, clock } = parts;
  const { now } = clock;
  const auth = { db: config.db, now, least: clock.least };
  const fleetLater: { fleet?: FleetPart } = {};
  const planner = await openPlanner(parts, fleetLater, () => hub);
  opened.add(() => planner.close());
  clock.onCorrection((correction) => {
    store.clockCorrected();
    planner.clockCorrected(correction);
  });
  const hub: LiveHub = new LiveHub({
    testOf: (check) => planner.directory.check(check)?.test,
    toResult: (origin, record) => toResult(planner, origin, record),
  });
  const fleet = await parts.openFleet(planner, hub);
  fleetLater.fleet = fleet;
  const { app, routes, certificate } = await buildApp(settings, log, (request) => identify(auth, request));
  opened.add(() => app.close());
  opened.add(() => certificate?.close());
  opened.add(() => fleet.close());
  opened.add(() => hub.close());
  const apiParts = {
    auth,
    clock,
    identify: (request: FastifyRequest, touch: boolean) => identify(auth, request, touch),
    audit: (entry: AuditEntry) => {
      if (settings.debug) log.debug(auditFacts(entry), 'somebody did something');
      return audit(auth, entry);
    },
    planner,
    store,
    fleet,
    hub,
    coverage: new Coverage(async (question) => (await ledgerOf({ db: config.db, store, planner }, question)).rows, now),
    tallies: new Tallies(store, planner.directory, now),
    catalog,
    serverFingerprint: () => fleet.keys.newest.fingerprint,
    basePath: settings.basePath,
    version: VERSION,
  };
  serveHealth(app, { db: config.db, store, clock, version: VERSION, basePath: settings.basePath });
  registerApi(app, apiParts, settings);
  await fleet.register(app);
  if (parts.webFolder !== undefined) await serveDashboard(app, parts.webFolder, settings.basePath);
  const { url } = await listen(app, settings);
  const token = await renewSetupToken(auth);
  const page = {
    url: `${new URL(url).origin}/healthz`,
    certificate: settings.tls === null ? null : readFileSync(settings.tls.certFile, 'utf8'),
  };
  return {
    url,
    setupLink: token === null ? null : `${url}/setup#token=${token}`,
    routes,
    ensureStarterTest: (agents) => makeStarterTest({ db: config.db, planner, catalog, page }, agents),
    ownAgent: ownAgentOf(apiParts, () => fleet.keys.all.map(({ fingerprint }) => fingerprint)),
    reload: async () => certificate?.check(),
    close: () => opened.close(),
  };
}

function openPlanner(parts: ServerParts, later: { fleet?: FleetPart }, hub: () => LiveHub): Promise<Planner> {
  const { config, store, settings, catalog, clock, log } = parts;
  return Planner.open({
    db: config.db,
    catalog,
    store,
    defaults: settings,
    now: clock.now,
    patienceMs: Math.max(LEAST_PATIENCE_MS, 2 * settings.heartbeatMs),
    onAssignment: (agent) => later.fleet?.assignmentChanged(agent),
    onTest: (id, change) => {
      if (later.fleet !== undefined) hub().publish('test', { id, change }, { test: id, agent: null });
    },
    onError: (error) => log.error({ err: error }, 'planning failed'),
  });
}
