import type { Caller } from '../auth/caller.ts';
import type { Asker } from '../store/result-store.ts';
import type { RouteRequest } from './route.ts';

/** The caller of a request's store queries. Once its client has disconnected, pending queries are cancelled. */
export function askerOf({ caller, reply }: Pick<RouteRequest<unknown, unknown, unknown>, 'caller' | 'reply'>): Asker {
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return { caller: keyOf(caller), signal: left.signal };
}

function keyOf(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
      return `user ${caller.userId}`;
    case 'token':
      return `token ${caller.tokenId}`;
  }
}
