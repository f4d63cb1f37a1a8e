import type { ApiRoute } from './route.ts';

type Described = Pick<ApiRoute, 'method' | 'access' | 'params' | 'status' | 'refusals'>;

/** Every status of a route, in order, apart from internal faults: the declared ones and those that follow from them. */
export function answersOf({ method, access, params, status, refusals }: Described): readonly number[] {
  const changes = method !== 'GET';
  const all = [
    status,
    422,
    ...(changes ? [400, 403, 413, 415] : []),
    ...(access === 'public' ? [] : [401]),
    ...(access === 'editor' || access === 'admin' ? [403] : []),
    ...(params === undefined ? [] : [404]),
    ...refusals,
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}
