import { catalogInfo, type ProbeInfo } from '@netsonde/protocol/api';
import type { FastifyInstance } from 'fastify';
import { attemptsToGetIn } from '../auth/attempt-limits.ts';
import type { TimingDefaults } from '../planning/test-timing.ts';
import { accessRoutes } from './access-routes.ts';
import { agentRoutes } from './agent-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { clockRoutes } from './clock-routes.ts';
import { DOCS_STYLE, docsPage } from './docs-page.ts';
import { exportRoutes } from './export-routes.ts';
import { readJsonBodies } from './json-body.ts';
import { keyRoutes } from './key-routes.ts';
import { listeningRoutes } from './listening-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { type OpenApi, openApi } from './openapi.ts';
import { overviewRoutes } from './overview-routes.ts';
import type { ApiParts } from './parts.ts';
import { refusalRoutes } from './refusal-routes.ts';
import { resultRoutes } from './result-routes.ts';
import { register } from './route.ts';
import { sendTime } from './send-time.ts';
import { seriesRoutes } from './series-routes.ts';
import { testRoutes } from './test-routes.ts';
import { apiTokenRoutes, enrolmentTokenRoutes } from './token-routes.ts';
import { userRoutes } from './user-routes.ts';

/** Registers every resource below /api/v1, and the reference generated from them. */
export function registerApi(app: FastifyInstance, parts: ApiParts, defaults: TimingDefaults): void {
  const prefix = `${parts.basePath}/api/v1`;
  const attempts = attemptsToGetIn(parts.auth.now);
  const routes = [
    ...accessRoutes(parts, attempts),
    ...overviewRoutes(parts),
    ...testRoutes(parts, defaults),
    ...resultRoutes(parts),
    ...seriesRoutes(parts),
    ...exportRoutes(parts),
    ...agentRoutes(parts),
    ...refusalRoutes(parts),
    ...listeningRoutes(parts),
    ...keyRoutes(parts),
    ...clockRoutes(parts),
    ...liveRoutes(parts),
    ...userRoutes(parts, attempts),
    ...apiTokenRoutes(parts),
    ...enrolmentTokenRoutes(parts),
    ...auditRoutes(parts),
  ];
  sendTime(app, prefix, parts.auth.now);
  readJsonBodies(app);
  for (const route of routes) register(app, prefix, route);
  registerReference(app, prefix, catalogInfo(parts.catalog), () =>
    openApi({ routes, catalog: parts.catalog, version: parts.version, prefix }),
  );
}

/** The reference is public: it contains only what the source contains. It is generated once, at the first request. */
function registerReference(
  app: FastifyInstance,
  prefix: string,
  probes: readonly ProbeInfo[],
  make: () => OpenApi,
): void {
  const document = once(make);
  const urls = { specUrl: `${prefix}/openapi.json`, styleUrl: `${prefix}/docs.css` };
  const serve = (path: string, type: string, text: () => string) =>
    app.get(prefix + path, { config: { access: 'public' } }, async (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).send(text()),
    );
  serve(
    '/openapi.json',
    'application/json',
    once(() => JSON.stringify(document())),
  );
  serve(
    '/docs',
    'text/html',
    once(() => docsPage(document(), probes, urls)),
  );
  serve('/docs.css', 'text/css', () => DOCS_STYLE);
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
