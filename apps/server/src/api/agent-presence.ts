import type { Agent } from '@netsonde/protocol/api';
import { isoOrNull } from './instants.ts';
import type { FleetView } from './parts.ts';

type Sessions = Pick<FleetView, 'live' | 'lastSeenMs'>;

/** The stored values of an agent that its presence depends on. */
interface StoredAgent {
  readonly id: number;
  readonly revoked_at: number | null;
  readonly last_seen_at: number | null;
}

/** Whether an agent is heard, and since when that is so. All pages and counts follow it. */
export function presenceOf(fleet: Sessions, { id, revoked_at, last_seen_at }: StoredAgent): Agent['presence'] {
  if (revoked_at !== null) return { state: 'revoked', since: isoOrNull(revoked_at) };
  const live = fleet.live(id);
  if (live === undefined) return { state: 'offline', since: isoOrNull(fleet.lastSeenMs(id) ?? last_seen_at) };
  return live.silent
    ? { state: 'not_heard', since: isoOrNull(live.lastHeardMs) }
    : { state: 'online', since: isoOrNull(live.connectedMs) };
}

/** Whether an agent's presence is `online`. */
export const isOnline = (fleet: Pick<FleetView, 'live'>, agent: number): boolean => fleet.live(agent)?.silent === false;
