import type { Caller } from '../auth/caller.ts';
import type { Asker } from '../store/result-store.ts';
import type { RouteRequest } from './route.ts';

/** In whose name a request asks the store. Once its client has left, what has not begun is not asked. */
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
