import type { Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { resultsQuery } from '../../api/tests.ts';
import { useRefetchOnResults } from '../../api/use-live-results.ts';

const AFTER_NEWEST_MS = 1000;

/**
 * End of the time that a test's page shows, epoch ms: just after its newest result once it has ended; null: now.
 * undefined: not known yet, while the page of an ended test opens.
 */
export function useResultsEnd(id: number, state: Test['state'] | undefined): number | null | undefined {
  const ended = state === 'stopped' || state === 'completed';
  const [endsHere, setEndsHere] = useState(false);
  if (state !== undefined && !ended && !endsHere) setEndsHere(true);
  const { data, isPending, refetch } = useQuery({ ...resultsQuery(id, { limit: 1 }), enabled: ended });
  useRefetchOnResults(id, () => ended && refetch());
  if (state === undefined) return undefined;
  if (ended && isPending) return endsHere ? null : undefined;
  const [newest] = data?.results ?? [];
  return ended && newest !== undefined ? Date.parse(newest.at) + AFTER_NEWEST_MS : null;
}
