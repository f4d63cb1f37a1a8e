import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { problemBody } from '../api/problem.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';

const FRESH_MS = 2000;

interface HealthParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'writable'>;
  readonly now: () => number;
  readonly version: string;
  readonly basePath: string;
}

/**
 * `/healthz`, and the same below the base path for who comes through a proxy: 200 while the store can be written, 503
 * otherwise. The store is asked at most every other second, however often it is called.
 */
export function serveHealth(app: FastifyInstance, { db, store, now, version, basePath }: HealthParts): void {
  let checkedMs = Number.NEGATIVE_INFINITY;
  let writable = false;
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('cache-control', 'no-store');
    if (now() - checkedMs >= FRESH_MS) {
      writable = await Promise.all([canWrite(db, now()), store.writable()]).then(
        () => true,
        (error: unknown) => {
          request.log.error({ err: error }, 'the store cannot be written');
          return false;
        },
      );
      checkedMs = now();
    }
    if (writable) return { status: 'ok', version };
    return reply
      .code(503)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(503, 'unavailable', 'The store cannot be written.')));
  };
  for (const base of new Set(['', basePath])) app.get(`${base}/healthz`, { config: { access: 'public' } }, answer);
}

async function canWrite(db: Kysely<ConfigSchema>, at: number): Promise<void> {
  const value = String(at);
  await db
    .insertInto('setting')
    .values({ key: 'health_written_at', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
