import { serverClockSchema } from '@netsonde/protocol/api';
import { queryOptions } from '@tanstack/react-query';
import { call } from './client.ts';

/** What the server knows of the time. */
export const serverClockQuery = queryOptions({
  queryKey: ['server-clock'],
  queryFn: ({ signal }) => call(serverClockSchema, 'server-clock', { signal }),
  refetchInterval: 5000,
});

/** Makes the server use its host's clock as it is. */
export const believeServerClock = () => call(serverClockSchema, 'server-clock/believe', { method: 'POST' });
