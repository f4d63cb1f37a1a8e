import {
  type Agent,
  agentSchema,
  type changeAgentSchema,
  createdEnrolmentTokenSchema,
  type createEnrolmentTokenSchema,
  enrolmentTokenSchema,
  ledgerSchema,
} from '@netsonde/protocol/api';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { startOf, type TimeWindow } from '../charts/stretch.ts';
import { serverNow } from '../time/server-time.ts';
import { call, nothing } from './client.ts';
import { queryString } from './query-string.ts';

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) => call(z.array(agentSchema), 'agents', { signal }),
  refetchInterval: 15_000,
});

export const agentQuery = (id: number) =>
  queryOptions({
    queryKey: ['agents', id],
    queryFn: ({ signal }) => call(agentSchema, `agents/${id}`, { signal }),
    refetchInterval: 10_000,
  });

interface LedgerQuestion {
  readonly agent?: number;
  readonly test?: number;
  /** What was due after its end, before a test was stopped, counts too. */
  readonly stretch: TimeWindow;
}

export const ledgerQuery = ({ stretch, ...filter }: LedgerQuestion) =>
  queryOptions({
    queryKey: ['ledger', filter, stretch],
    queryFn: ({ signal }) => {
      const from = new Date(startOf(stretch, serverNow())).toISOString();
      return call(ledgerSchema, `ledger${queryString({ ...filter, from })}`, { signal });
    },
    // The first runs of a new test are due at once: the user should see them without a wait.
    refetchInterval: ({ state }) => ((state.data?.rows.length ?? 0) === 0 ? 2000 : 15_000),
  });

export const changeAgent = (id: number, change: z.input<typeof changeAgentSchema>): Promise<Agent> =>
  call(agentSchema, `agents/${id}`, { method: 'PATCH', body: change });

/** Revokes the agent's key for good: it cannot connect again before it is enrolled again. */
export const revokeAgent = (id: number): Promise<unknown> => call(nothing, `agents/${id}`, { method: 'DELETE' });

export const enrolmentTokensQuery = queryOptions({
  queryKey: ['enrolment-tokens'],
  queryFn: ({ signal }) => call(z.array(enrolmentTokenSchema), 'enrolment-tokens', { signal }),
});

export const createEnrolmentToken = (input: z.input<typeof createEnrolmentTokenSchema>) =>
  call(createdEnrolmentTokenSchema, 'enrolment-tokens', { method: 'POST', body: input });

export const deleteEnrolmentToken = (id: string): Promise<unknown> =>
  call(nothing, `enrolment-tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
