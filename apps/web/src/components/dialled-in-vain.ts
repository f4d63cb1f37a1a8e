import type { Agent } from '@netsonde/protocol/api';

/** Whether an agent listens, but the server does not reach it. */
export const dialledInVain = (listening: Agent['listening']): boolean =>
  listening !== null && listening.lastError !== null && listening.state !== 'connected';
