import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { iso } from '../api/instants.ts';
import { problemBody } from '../api/problem.ts';
import type { ServerClock } from '../clock/server-clock.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';

const FRESH_MS = 2000;

interface HealthParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'writable' | 'damage' | 'checkedMs'>;
  readonly clock: Pick<ServerClock, 'now' | 'state'>;
  readonly version: string;
  readonly basePath: string;
}

/**
 * `/healthz`, also below the base path for callers behind a proxy: 200 while the store can be written,
 * 503 with the file's name otherwise. The status is `degraded` while stored results are known to be damaged: `damaged`
 * names the files and tables. The store is checked at most every other second, however often the route is called.
 */
export function serveHealth(app: FastifyInstance, { db, store, clock, version, basePath }: HealthParts): void {
  let checkedMs = Number.NEGATIVE_INFINITY;
  /** Why the store cannot be written. null: it can. */
  let fault: string | null = null;
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('cache-control', 'no-store');
    const { now } = clock;
    if (Math.abs(now() - checkedMs) >= FRESH_MS) {
      fault = await Promise.all([canWrite(db, now()), store.writable()]).then(
        () => null,
        (error: unknown) => {
          request.log.error({ err: error }, 'the store cannot be written');
          return reasonOf(error);
        },
      );
      checkedMs = now();
    }
    if (fault === null) return { ...stateOf(store), clock: clockWord(clock), version };
    return reply
      .code(503)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(503, 'unavailable', fault)));
  };
  for (const base of new Set(['', basePath])) app.get(`${base}/healthz`, { config: { access: 'public' } }, answer);
}

function stateOf(store: HealthParts['store']) {
  const damaged = store.damage();
  return {
    status: damaged.length === 0 ? 'ok' : 'degraded',
    ...(damaged.length === 0 ? {} : { damaged }),
    /** When all stored results were last checked for damage. null: not yet since the start. */
    checkedAt: store.checkedMs === null ? null : iso(store.checkedMs),
  };
}

/** `ok`: the time is confirmed. `unconfirmed`: nobody has. Otherwise what is wrong with this host's clock. */
function clockWord(clock: HealthParts['clock']): string {
  const { problem, errorMs } = clock.state();
  return problem?.kind ?? (errorMs === null ? 'unconfirmed' : 'ok');
}

/** Replaces paths by file names, so that a message does not reveal the data folder to strangers. */
const PATH = /\/\S*\/(?=[^/\s]+)/g;

const reasonOf = (error: unknown): string =>
  `The store cannot be written: ${(error instanceof Error ? error.message : String(error)).replace(PATH, '')}.`;

async function canWrite(db: Kysely<ConfigSchema>, at: number): Promise<void> {
  const value = String(at);
  await db
    .insertInto('setting')
    .values({ key: 'health_written_at', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
