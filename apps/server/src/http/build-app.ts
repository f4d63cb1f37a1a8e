import cookie from '@fastify/cookie';
import type { PairWatch } from '@netsonde/sockets/host';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { answerFrameworkError, handleErrors } from '../api/error-handler.ts';
import { type GuardedRoute, guard, type Identify } from '../auth/guard.ts';
import type { Settings } from '../settings/settings.ts';
import { BODY_LIMITS, refuseNeedlessBodies } from './body-limits.ts';
import { readPair, watchCertificate } from './certificate.ts';
import { checkHost } from './check-host.ts';
import { answerClientError } from './client-errors.ts';
import { compressAnswers } from './compress-answers.ts';
import { logRequests } from './request-log.ts';
import { sendSecurityHeaders } from './security-headers.ts';

/** Time limit for a request to arrive completely, ms. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A server without routes that already denies by default: every route registered on it must declare its access. */
export async function buildApp(
  settings: Settings,
  logger: FastifyBaseLogger,
  identify: Identify,
): Promise<{
  readonly app: FastifyInstance;
  readonly routes: readonly GuardedRoute[];
  /** The certificate's files, watched; null: the server has none. */
  readonly certificate: PairWatch | null;
}> {
  const pair = settings.tls === null ? null : readPair(settings.tls);
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMITS.public,
    requestTimeout: REQUEST_TIMEOUT_MS,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    ...(pair === null ? {} : { https: { ...pair } }),
  } as object) as FastifyInstance;
  app.removeContentTypeParser('text/plain');
  handleErrors(app);
  if (settings.debug) logRequests(app);
  checkHost(app);
  refuseNeedlessBodies(app);
  compressAnswers(app);
  await app.register(cookie);
  await sendSecurityHeaders(app, settings.tls !== null);
  const certificate = pair === null || settings.tls === null ? null : watchCertificate(app, settings.tls, pair);
  return { app, routes: guard(app, identify), certificate };
}
