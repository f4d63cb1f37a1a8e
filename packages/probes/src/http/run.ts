import type { RunContext } from '../contract/context.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { headerOf } from '../net/http1/header-lookup.ts';
import { isSafeValue } from '../net/http1/request-bytes.ts';
import { Connections } from './connections.ts';
import { CookieJar } from './cookie-jar.ts';
import { type HttpOptions, http } from './descriptor.ts';
import type { TransactionSetting } from './hop.ts';
import type { HttpObservation, Transaction } from './observation.ts';
import { shownUrl } from './origin.ts';
import type { Asked } from './request.ts';
import { summarize } from './summarize.ts';
import { transact } from './transaction.ts';

/** The requests of one run, one after the other: the plain ones, then those that measure caches, if enabled. */
async function* run(context: RunContext, target: Target, options: HttpOptions): AsyncGenerator<HttpObservation> {
  const connections = new Connections(context, options);
  const keepAlive = options.requests > 1 || options.revalidate || options.cdnCompare > 0;
  const setting = { context, connections, cookies: new CookieJar(), options, role: 'plain', keepAlive } as const;
  const { method } = options;
  const url = new URL(target.url ?? target.text);
  const asked: Asked = { url, method, body: method === 'POST' ? options.body : '', extra: [], abroad: false };
  try {
    const first = await transact(asked, setting);
    yield first;
    if (first.fault !== null) return;
    for (let index = 1; index < options.requests; index += 1) yield await transact(asked, setting);
    if (options.revalidate || options.cdnCompare > 0) yield* cacheRequests(first, asked, setting);
  } finally {
    connections.close();
  }
}

async function* cacheRequests(
  first: Transaction,
  asked: Asked,
  setting: TransactionSetting,
): AsyncGenerator<HttpObservation> {
  const { options, context } = setting;
  const last = first.hops.at(-1);
  if (last === undefined) return;
  const url = new URL(last.url);
  const again: Asked = { url, method: 'GET', body: '', extra: [], abroad: url.origin !== asked.url.origin };
  const validators = validatorsOf(last.head?.rawHeaders ?? []);
  if (options.revalidate && validators.length > 0)
    yield await transact({ ...again, extra: validators }, { ...setting, role: 'revalidation' });
  for (let pair = 0; pair < options.cdnCompare; pair += 1) {
    yield await transact(again, { ...setting, role: 'edge' });
    yield await transact(forced(again, context), { ...setting, role: 'forced' });
  }
}

/** A request that no shared cache should answer: the address is new even to caches that ignore the headers. */
function forced(asked: Asked, context: RunContext): Asked {
  const url = new URL(asked.url);
  url.searchParams.set('netsonde-miss', Math.floor(context.random() * 2 ** 48).toString(36));
  return { ...asked, url, extra: ['Cache-Control', 'no-cache', 'Pragma', 'no-cache'] };
}

function validatorsOf(rawHeaders: readonly string[]): string[] {
  const etag = headerOf(rawHeaders, 'etag');
  const modified = headerOf(rawHeaders, 'last-modified');
  return [
    ...(etag === undefined || !isSafeValue(etag) ? [] : ['If-None-Match', etag]),
    ...(modified === undefined || !isSafeValue(modified) ? [] : ['If-Modified-Since', modified]),
  ];
}

function describe({ role, hops, fault }: HttpObservation): string | null {
  const last = hops.at(-1);
  const what = `${role === 'plain' ? '' : `${role}: `}${shownUrl(last?.url ?? '')}`;
  if (fault !== null) return `${what}: ${fault.cause} (${fault.operation})`;
  return `${what}: ${last?.head?.status ?? 'no answer'} in ${(last?.endMs ?? 0).toFixed(3)} ms`;
}

/** Runs the http probe. */
export const httpRunner = declareRunner(http, { run, summarize, describe });
