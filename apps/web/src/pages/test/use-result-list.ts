import type { Result } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useEffectEvent, useLayoutEffect, useState } from 'react';
import { type ResultFilter, resultsQuery } from '../../api/tests.ts';
import { useLiveResults, useRefetchOnResults } from '../../api/use-live-results.ts';
import { queryClient } from '../../app/query-client.ts';

/** Which of a test's results are listed. */
export type ListFilter = Pick<ResultFilter, 'agent' | 'target' | 'verdict'>;

/** Results that are listed before more are asked for. */
export const PAGE = 25;
const MOST = 1000;

/** Names a result among all. */
export const resultKey = ({ agent, epoch, seq }: Result): string => `${agent}/${epoch}/${seq}`;

/**
 * A test's results, newest first. They follow what comes; while somebody reads, or has asked for more of them, they stand
 * still, and what comes is counted.
 */
export function useResultList(test: number, filter: ListFilter, reading: boolean) {
  const [more, setMore] = useState<{ readonly limit: number; readonly to: string } | null>(null);
  const { come, forget } = useComing(test, filter);
  const still = reading || more !== null;
  const newest = resultsQuery(test, { ...filter, limit: PAGE });
  const { data, error, refetch } = useQuery({
    ...(more === null ? newest : resultsQuery(test, { ...filter, ...more })),
    enabled: ({ state }) => !still || state.data === undefined,
  });
  const list = { queryKey: newest.queryKey, exact: true };
  const answers = () => queryClient.getQueryState(newest.queryKey)?.dataUpdateCount ?? 0;
  const readNewest = async () => {
    // An answer that is on its way already may lack what has come since it was asked for.
    const known = new Set(queryClient.isFetching(list) > 0 ? [] : come);
    const before = answers();
    // A failure is the query's state, which the list shows.
    await queryClient.prefetchQuery({ ...newest, staleTime: 0 });
    if (answers() > before) forget(known);
  };
  const standStill = useEffectEvent(() => {
    // An answer that is on its way would move the list under who has just begun to read it.
    const isMoving = ({ state }: { readonly state: { readonly data?: unknown } }) => state.data !== undefined;
    void queryClient.cancelQueries({ ...list, predicate: isMoving });
  });
  const follow = useEffectEvent(() => {
    if (come.length > 0) void readNewest();
  });
  useLayoutEffect(() => {
    if (still) standStill();
    else follow();
  }, [still]);
  useRefetchOnResults(test, () => still || readNewest());
  const results = data?.results;
  const shown = new Set(results?.map(resultKey));
  return {
    results,
    error,
    refetch,
    /** How many have come that are not in the list; 0 while it follows them. */
    waiting: still ? come.filter((result) => !shown.has(resultKey(result))).length : 0,
    showNewest: () => void readNewest().then(() => setMore(null)),
    /** undefined: these are all. */
    showMore:
      data?.more === true && data.results.length < MOST
        ? () => setMore({ limit: Math.min(MOST, 2 * (more?.limit ?? PAGE)), to: more?.to ?? justAfter(results?.[0]) })
        : undefined,
  };
}

/** What has come of the results that are listed until it is forgotten, in the order in which it came. */
function useComing(test: number, filter: ListFilter) {
  const [come, setCome] = useState<readonly Result[]>([]);
  useLiveResults((results) => {
    const fitting = results.filter((result) => result.test === test && fits(filter, result));
    if (fitting.length > 0) setCome((before) => [...before, ...fitting].slice(-MOST));
  });
  return {
    // It may have come under another filter.
    come: come.filter((result) => fits(filter, result)),
    forget: (known: ReadonlySet<Result>) => setCome((now) => now.filter((result) => !known.has(result))),
  };
}

/** Whether a result is one of those that are listed. */
const fits = ({ agent, target, verdict }: ListFilter, result: Result): boolean =>
  (agent ?? result.agent) === result.agent &&
  (target ?? result.target) === result.target &&
  (verdict ?? result.verdict) === result.verdict;

const justAfter = (result: Result | undefined): string =>
  new Date(result === undefined ? Date.now() : Date.parse(result.at) + 1).toISOString();
