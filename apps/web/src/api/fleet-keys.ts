import { listeningAgentSchema, serverKeySchema } from '@netsonde/protocol/api';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { call, nothing } from './client.ts';

/** Addresses that this server dials: their state changes without an event. */
export const listeningAgentsQuery = queryOptions({
  queryKey: ['listening-agents'],
  queryFn: ({ signal }) => call(z.array(listeningAgentSchema), 'agents/listening', { signal }),
  refetchInterval: 5000,
});

export const addListeningAgent = (url: string) =>
  call(listeningAgentSchema, 'agents/listening', { method: 'POST', body: { url } });

/** Stops dialling it; the agent stays enrolled. */
export const removeListeningAgent = (id: number): Promise<unknown> =>
  call(nothing, `agents/listening/${id}`, { method: 'DELETE' });

/** The host that was held as a copy of an agent is the agent from now on. */
export const acceptMove = (id: number): Promise<unknown> =>
  call(nothing, `agents/${id}/accept-move`, { method: 'POST' });

/** Requests a new key for an online agent. */
export const rotateAgentKey = (id: number): Promise<unknown> =>
  call(nothing, `agents/${id}/rotate-key`, { method: 'POST' });

/** The server's key. While it is being changed, agents receive the new one whenever they connect. */
export const serverKeyQuery = queryOptions({
  queryKey: ['server-key'],
  queryFn: ({ signal }) => call(serverKeySchema, 'server-key', { signal }),
  refetchInterval: ({ state }) => (state.data == null || state.data.former === null ? 60_000 : 5000),
});

export const beginServerKeyRotation = () => call(serverKeySchema, 'server-key/rotation', { method: 'POST' });

export const finishServerKeyRotation = (evenIfWaiting: boolean) =>
  call(serverKeySchema, 'server-key/rotation/finish', { method: 'POST', body: { evenIfWaiting } });
