import { catalog } from '@netsonde/probes/catalog';
import { runners } from '@netsonde/probes/runtime';
import { type AgentParts, type RunningAgent, startAgent } from './agent.ts';
import { keepCode } from './host/keep-code.ts';
import { agentLog } from './log.ts';
import type { AgentOptions } from './options.ts';

/**
 * Starts an agent with all probes, or with the given ones. Resolves as soon as the agent works, with or without its
 * server. @throws Error that says what to do.
 */
export function openAgent(options: AgentOptions, parts: Partial<AgentParts> = {}): Promise<RunningAgent> {
  keepCode();
  return startAgent(options, { catalog, runners, log: agentLog(options), ...parts });
}

export type { AgentParts, RunningAgent } from './agent.ts';
export { dataFolderHolder } from './folder/data-folder.ts';
export { agentCapabilities } from './host/capabilities.ts';
export { keepCode } from './host/keep-code.ts';
export { acceptServerKeys, agentKeyIn, serverKeysIn } from './identity/agent-identity.ts';
export type { AgentLog } from './log.ts';
export {
  type AgentFlags,
  AgentOptionError,
  type AgentOptions,
  agentOptionsFrom,
  type ServerPlace,
  serverPlaceFrom,
} from './options.ts';
export { readPolicy } from './policy/read-policy.ts';
export { lookAtServer, type SeenServer } from './uplink/look-at-server.ts';
