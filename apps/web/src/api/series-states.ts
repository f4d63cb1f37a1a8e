import { type seriesStatesQuerySchema, seriesStatesSchema } from '@netsonde/protocol/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { call } from './client.ts';
import { queryString } from './query-string.ts';

type Query = z.output<typeof seriesStatesQuerySchema>;

/** Which series; undefined: all of the running tests. */
export type SeriesFilter = { readonly [Key in keyof Omit<Query, 'after' | 'limit'>]?: Query[Key] | undefined };

const REFRESH_MS = 10_000;
const read = (filter: SeriesFilter, after: number, limit: number, signal: AbortSignal) =>
  call(seriesStatesSchema, `series${queryString({ ...filter, after, limit })}`, { signal });

/** How series are now: their counts, and the worst of them. */
export const seriesStatesQuery = (filter: SeriesFilter, limit = 50) =>
  queryOptions({
    queryKey: ['series-states', filter, limit],
    queryFn: ({ signal }) => read(filter, 0, limit, signal),
    refetchInterval: REFRESH_MS,
  });

const PAGE = 50;

/** The same, page by page. */
export const seriesPagesQuery = (filter: SeriesFilter) =>
  infiniteQueryOptions({
    queryKey: ['series-states', filter, 'pages'],
    queryFn: ({ signal, pageParam }) => read(filter, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    refetchInterval: REFRESH_MS,
  });
