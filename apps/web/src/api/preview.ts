import { type TestInput, testSchema } from '@netsonde/protocol/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { call } from './client.ts';

const previewSchema = z.object({
  agents: testSchema.shape.assigned,
  warnings: testSchema.shape.warnings,
  perHour: z.object({ runs: z.number(), packets: z.number(), bytes: z.number() }),
  typicalPerHour: z.object({ bytes: z.number(), from: z.enum(['results', 'declared']) }),
});

/**
 * The effect of a test if it were saved now: the agents that would run it, warnings for its owner, and its load on
 * each agent in an hour, at most.
 */
export type Preview = z.output<typeof previewSchema>;

/** Asks the server about a test without saving it. A test that the server would refuse is an ApiError with its fields. */
export const previewQuery = (input: TestInput) =>
  queryOptions({
    queryKey: ['preview', input],
    queryFn: ({ signal }) => call(previewSchema, 'tests/preview', { method: 'POST', body: input, signal }),
    placeholderData: keepPreviousData,
    // Agents connect and disconnect: an answer is stale at once, but is shown until the next one arrives.
    staleTime: 0,
    gcTime: 30_000,
  });
