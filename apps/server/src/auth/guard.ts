import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { ApiProblem } from '../api/problem.ts';
import { type Access, ANONYMOUS, type Caller, hasRole } from './caller.ts';
import { sameText } from './secrets.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. A route without it prevents the start of the server. */
    access?: Access;
    /** Set if the route takes over its connection for another protocol. */
    upgrade?: boolean;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

/** One registered route. */
export interface GuardedRoute {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly upgrade: boolean;
}

/** Identifies the caller of a request. @throws ApiProblem 401 for wrong credentials. */
export type Identify = (request: FastifyRequest) => Promise<Caller>;

/**
 * Denies by default: every route registered after this must declare `config.access`, and every request is checked
 * against it before its body is read. Returns the list of routes, which grows as they are registered.
 */
export function guard(app: FastifyInstance, identify: Identify): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(...guardedRoutes(route));
  });
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = ANONYMOUS;
    if (request.is404) return;
    const { access } = request.routeOptions.config;
    if (access === undefined) throw new ApiProblem(403, 'forbidden', 'No caller may use this.');
    refuseForeignOrigin(request);
    if (access === 'agent') return;
    if (access !== 'public') request.caller = await admitted(request, await identify(request), access);
  });
  return routes;
}

function guardedRoutes({ method, url, config = {} }: RouteOptions): readonly GuardedRoute[] {
  const { access, upgrade = false } = config;
  if (access === undefined) throw new Error(`route ${String(method)} ${url} declares no access: give it config.access`);
  return [method].flat().map((one) => ({ method: one, path: url, access, upgrade }));
}

async function admitted(
  request: FastifyRequest,
  caller: Caller,
  role: Exclude<Access, 'public' | 'agent'>,
): Promise<Caller> {
  if (caller.kind === 'anonymous')
    throw new ApiProblem(401, 'unauthenticated', 'Sign in, or send an API token as Authorization: Bearer nst_...');
  if (!hasRole(caller, role))
    throw new ApiProblem(403, 'forbidden', `This needs the role ${role}; ${caller.name} has the role ${caller.role}.`);
  if (caller.kind === 'user' && changes(request)) checkCsrf(request, caller.csrf);
  return caller;
}

const changes = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

function checkCsrf(request: FastifyRequest, csrf: string): void {
  const given = request.headers['x-csrf-token'];
  if (typeof given !== 'string' || !sameText(given, csrf))
    throw new ApiProblem(
      403,
      'csrf_token_wrong',
      'Send the header x-csrf-token with the csrf value of GET /api/v1/session.',
    );
}

/** A page of another site must not sign users in or set up a server in their browser. */
function refuseForeignOrigin(request: FastifyRequest): void {
  if (changes(request) && request.headers['sec-fetch-site'] === 'cross-site')
    throw new ApiProblem(403, 'foreign_origin', 'A page of another site made this request.');
}
