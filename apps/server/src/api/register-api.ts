import { catalogInfo, type ProbeInfo } from '@netsonde/protocol/api';
import type { FastifyInstance } from 'fastify';
import type { TimingDefaults } from '../planning/test-timing.ts';
import { accessRoutes } from './access-routes.ts';
import { agentRoutes } from './agent-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { DOCS_STYLE, docsPage } from './docs-page.ts';
import { exportRoutes } from './export-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { type OpenApi, openApi } from './openapi.ts';
import { overviewRoutes } from './overview-routes.ts';
import type { ApiParts } from './parts.ts';
import { resultRoutes } from './result-routes.ts';
import { register } from './route.ts';
import { testRoutes } from './test-routes.ts';
import { apiTokenRoutes, enrolmentTokenRoutes } from './token-routes.ts';
import { userRoutes } from './user-routes.ts';

/** Registers every resource below /api/v1, and the reference that is made of them. */
export function registerApi(app: FastifyInstance, parts: ApiParts, defaults: TimingDefaults): void {
  const prefix = `${parts.basePath}/api/v1`;
  const routes = [
    ...accessRoutes(parts),
    ...overviewRoutes(parts),
    ...testRoutes(parts, defaults),
    ...resultRoutes(parts),
    ...exportRoutes(parts),
    ...agentRoutes(parts),
    ...liveRoutes(parts),
    ...userRoutes(parts),
    ...apiTokenRoutes(parts),
    ...enrolmentTokenRoutes(parts),
    ...auditRoutes(parts),
  ];
  for (const route of routes) register(app, prefix, route);
  registerReference(app, prefix, catalogInfo(parts.catalog), () =>
    openApi({ routes, catalog: parts.catalog, version: parts.version, prefix }),
  );
}

/** The reference tells nothing that the source does not: everybody may read it. It is made when first asked for. */
function registerReference(
  app: FastifyInstance,
  prefix: string,
  probes: readonly ProbeInfo[],
  make: () => OpenApi,
): void {
  let made: OpenApi | undefined;
  const document = () => {
    made ??= make();
    return made;
  };
  const config = { access: 'public' } as const;
  app.get(`${prefix}/openapi.json`, { config }, async () => document());
  app.get(`${prefix}/docs`, { config }, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .send(docsPage(document(), probes, { specUrl: `${prefix}/openapi.json`, styleUrl: `${prefix}/docs.css` })),
  );
  app.get(`${prefix}/docs.css`, { config }, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(DOCS_STYLE),
  );
}
