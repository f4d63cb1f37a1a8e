import { type AgentHost, agentHostSchema } from '@netsonde/protocol';
import type { AgentRow } from './agent-row.ts';
import { SessionRejection } from './rejection.ts';

/** After this time without the known host, another one with the agent's key is taken for the agent moved there, ms. */
export const MOVED_AFTER_MS = 86_400_000;

/** What one of two does not know tells nothing. */
function isOther(known: AgentHost, host: AgentHost): boolean {
  const differs = (name: keyof AgentHost) =>
    known[name] !== undefined && host[name] !== undefined && known[name] !== host[name];
  return differs('machine') || differs('folder');
}

/** null: the agent never said, or what is stored cannot be read. */
function hostOf({ host }: Pick<AgentRow, 'host'>): AgentHost | null {
  if (host === null) return null;
  const read = agentHostSchema.safeParse(JSON.parse(host));
  return read.success ? read.data : null;
}

/**
 * Of two hosts with one key, the one that was there first keeps the agent's name: another one is held until an
 * administrator decides, or until the known one was silent for a day.
 * @throws SessionRejection
 */
export function checkHost(known: AgentRow, host: AgentHost | undefined, nowMs: number): void {
  const first = hostOf(known);
  if (first === null || host === undefined || !isOther(first, host)) return;
  const silentMs = nowMs - (known.last_seen_at ?? 0);
  if (silentMs > MOVED_AFTER_MS) return;
  throw new SessionRejection(
    'cloned',
    `another host or folder has the key of agent ${known.id} (${known.name}) already, and was heard from ${known.address ?? 'an unknown address'}: if this data folder was copied, enrol this host with a new token and an empty --data folder; if the agent was moved here, an administrator accepts that on the agent's page, or the server does once the other was silent for a day`,
    true,
  );
}
