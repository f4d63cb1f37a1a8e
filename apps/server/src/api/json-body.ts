import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route requires a body. An empty one is refused. */
    needsBody?: boolean;
  }
}

/** Parses JSON bodies. Many clients always send that type, so an empty body counts as none if the route requires none. */
export function readJsonBodies(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '' && !needsBody(request)) done(null, undefined);
    else if (isDeeperThan(text, MOST_LEVELS)) done(tooDeep());
    else void read(request, text, done);
  });
}

/** Most nesting levels in a body. A test needs ten. The limit bounds recursion in code that walks a value. */
const MOST_LEVELS = 64;

const tooDeep = (): ApiProblem =>
  new ApiProblem(400, 'malformed_json', `The body is nested more than ${MOST_LEVELS} levels deep.`);

/** Whether a JSON text is nested deeper than that, without parsing it. Brackets inside strings do not count. */
export function isDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (inString) {
      if (code === BACKSLASH) place += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

const needsBody = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config.needsBody === true;
