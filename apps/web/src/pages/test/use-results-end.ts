import type { Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { resultsQuery } from '../../api/tests.ts';
import { useRefetchOnResults } from '../../api/use-live-results.ts';
import { resultsEnd } from './view.ts';

/** The end of an ended test's page, and the instant of its newest result, epoch ms. */
export interface ResultsEnd {
  readonly endMs: number;
  readonly newestMs: number;
}

/**
 * Where the time that a test's page shows ends, once the test has ended; null: now. undefined: not known yet, while the
 * page of an ended test opens.
 */
export function useResultsEnd(id: number, test: Test | undefined): ResultsEnd | null | undefined {
  const ended = test?.state === 'stopped' || test?.state === 'completed';
  const [endsHere, setEndsHere] = useState(false);
  if (test !== undefined && !ended && !endsHere) setEndsHere(true);
  const { data, isPending, refetch } = useQuery({ ...resultsQuery(id, { limit: 1 }), enabled: ended });
  useRefetchOnResults(id, () => ended && refetch());
  if (test === undefined) return undefined;
  if (ended && isPending) return endsHere ? null : undefined;
  const [newest] = data?.results ?? [];
  if (!ended || newest === undefined) return null;
  const newestMs = Date.parse(newest.at);
  return { endMs: resultsEnd(test, newestMs), newestMs };
}
