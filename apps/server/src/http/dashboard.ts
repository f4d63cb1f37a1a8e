import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { noSuchRoute } from '../api/error-handler.ts';
import { pagesOf } from './dashboard-paths.ts';

const config = { access: 'public' } as const;
/** Prefixes of the server's own paths. An unknown one is a 404, never the dashboard's page. */
const OWN = /^(api|agent|healthz|metrics)(\/|$)/;

/**
 * Serves the dashboard's files below the base path, compressed if the build has them so. Paths of its pages get its
 * HTML, whose base is set to the base path; other paths get it with status 404. Files with a hash in their name never
 * change.
 */
export async function serveDashboard(app: FastifyInstance, webFolder: string, basePath: string): Promise<void> {
  const index = join(webFolder, 'index.html');
  if (!existsSync(index)) throw new Error(`the dashboard is not built: ${index} is missing: run npm run build`);
  await app.register(fastifyStatic, { root: webFolder, serve: false, cacheControl: false, preCompressed: true });
  const isPage = pagesOf(webFolder);
  // Read for each request, since it names the files of the current build.
  const page = () => withBase(readFileSync(index, 'utf8'), basePath);
  const sendPage = (reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page());
  // The base path as users type it, without the trailing slash that relative links need.
  if (basePath !== '') app.get(basePath, { config }, async (_request, reply) => reply.redirect(`${basePath}/`));
  app.get(`${basePath}/`, { config }, async (_request, reply) => sendPage(reply));
  app.get<{ Params: { '*': string } }>(`${basePath}/*`, { config }, async (request, reply) => {
    const path = request.params['*'];
    if (OWN.test(path)) throw noSuchRoute(request);
    if (!/\.\w+$/.test(path)) return sendPage(reply.code(isPage(path) ? 200 : 404));
    const immutable = path.startsWith('assets/');
    reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    return reply.sendFile(path);
  });
}

/** Sets the page's base, so that relative links resolve from the base path on every page of the dashboard. */
function withBase(html: string, basePath: string): string {
  const base = `<base href="${basePath}/">`;
  return /<base\b[^>]*>/i.test(html)
    ? html.replace(/<base\b[^>]*>/i, base)
    : html.replace(/<head(\s[^>]*)?>/i, (head) => head + base);
}
