import type { ProbeInfo } from '@netsonde/protocol/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { call } from './client.ts';

const isProbeInfo = (value: unknown): value is ProbeInfo =>
  typeof value === 'object' &&
  value !== null &&
  ['id', 'label', 'summary', 'target', 'options', 'metrics', 'samples'].every((key) => key in value);

/** The probes as they declare themselves. Forms, charts and tables are built from this alone. */
export const catalogQuery = queryOptions({
  queryKey: ['catalog'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => call(z.array(z.custom<ProbeInfo>(isProbeInfo)), 'catalog', { signal }),
});

/** The catalog; empty while it loads. */
export function useCatalog(): readonly ProbeInfo[] {
  return useQuery(catalogQuery).data ?? [];
}

export function useProbe(id: string | undefined): ProbeInfo | undefined {
  return useCatalog().find((probe) => probe.id === id);
}
