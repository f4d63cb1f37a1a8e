import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route cannot do without a body: an empty one is refused. */
    needsBody?: boolean;
  }
}

/** Bodies are JSON. Many clients name that type with every call: where a route needs no body, an empty one is none. */
export function readJsonBodies(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '' && !needsBody(request)) done(null, undefined);
    else void read(request, text, done);
  });
}

const needsBody = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config.needsBody === true;
