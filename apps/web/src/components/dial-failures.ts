import type { Agent } from '@netsonde/protocol/api';

/** Whether the server fails to reach an agent that listens. */
export const hasDialFailure = (listening: Agent['listening']): boolean =>
  listening !== null && listening.lastError !== null && listening.state !== 'connected';
