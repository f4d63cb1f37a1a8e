import type { Result } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useEffectEvent, useLayoutEffect, useState } from 'react';
import { type ResultFilter, resultsQuery } from '../../api/tests.ts';
import { useLiveResults, useRefetchOnResults } from '../../api/use-live-results.ts';
import { queryClient } from '../../app/query-client.ts';
import { serverNow } from '../../time/server-time.ts';

/** Which of a test's results are listed. */
export type ListFilter = Pick<ResultFilter, 'agent' | 'target' | 'verdict'>;

/** Results that the list begins with. */
export const PAGE = 25;
const MOST = 1000;

/** Identifies a result among all. */
export const resultKey = ({ agent, epoch, seq }: Result): string => `${agent}/${epoch}/${seq}`;

/**
 * A test's results, newest first. The list follows new results. While the user reads, or has asked for more, it is paused,
 * and new results are counted.
 */
export function useResultList(test: number, filter: ListFilter, reading: boolean) {
  const [more, setMore] = useState<{ readonly limit: number; readonly to: string } | null>(null);
  const { pending, drop } = usePendingResults(test, filter);
  const paused = reading || more !== null;
  const newest = resultsQuery(test, { ...filter, limit: PAGE });
  const { data, error, refetch } = useQuery({
    ...(more === null ? newest : resultsQuery(test, { ...filter, ...more })),
    enabled: ({ state }) => !paused || state.data === undefined,
  });
  const list = { queryKey: newest.queryKey, exact: true };
  const answers = () => queryClient.getQueryState(newest.queryKey)?.dataUpdateCount ?? 0;
  const readNewest = async () => {
    // An answer to an earlier request may lack results that arrived after it.
    const known = new Set(queryClient.isFetching(list) > 0 ? [] : pending);
    const before = answers();
    // A failure becomes the state of the query, which the list shows.
    await queryClient.prefetchQuery({ ...newest, staleTime: 0 });
    if (answers() > before) drop(known);
  };
  const pause = useEffectEvent(() => {
    // An answer to an earlier request would move the list while the user reads it.
    const isMoving = ({ state }: { readonly state: { readonly data?: unknown } }) => state.data !== undefined;
    void queryClient.cancelQueries({ ...list, predicate: isMoving });
  });
  const follow = useEffectEvent(() => {
    if (pending.length > 0) void readNewest();
  });
  useLayoutEffect(() => {
    if (paused) pause();
    else follow();
  }, [paused]);
  useRefetchOnResults(test, () => paused || readNewest());
  const results = data?.results;
  const shown = new Set(results?.map(resultKey));
  return {
    results,
    error,
    refetch,
    /** How many new results are not in the list; 0 while it follows them. */
    waiting: paused ? pending.filter((result) => !shown.has(resultKey(result))).length : 0,
    showNewest: () => void readNewest().then(() => setMore(null)),
    /** undefined: these are all results. */
    showMore:
      data?.more === true && data.results.length < MOST
        ? () => setMore({ limit: Math.min(MOST, 2 * (more?.limit ?? PAGE)), to: more?.to ?? justAfter(results?.[0]) })
        : undefined,
  };
}

/** Live results that match the filter and are not in the list yet, oldest first. */
function usePendingResults(test: number, filter: ListFilter) {
  const [pending, setPending] = useState<readonly Result[]>([]);
  useLiveResults((results) => {
    const fitting = results.filter((result) => result.test === test && fits(filter, result));
    if (fitting.length > 0) setPending((before) => [...before, ...fitting].slice(-MOST));
  });
  return {
    // The filter may have changed since a result arrived.
    pending: pending.filter((result) => fits(filter, result)),
    drop: (known: ReadonlySet<Result>) => setPending((now) => now.filter((result) => !known.has(result))),
  };
}

/** Whether a result is one of those that are listed. */
const fits = ({ agent, target, verdict }: ListFilter, result: Result): boolean =>
  (agent ?? result.agent) === result.agent &&
  (target ?? result.target) === result.target &&
  (verdict ?? result.verdict) === result.verdict;

const justAfter = (result: Result | undefined): string =>
  new Date(result === undefined ? serverNow() : Date.parse(result.at) + 1).toISOString();
