import type { Catalog } from '@netsonde/probes/catalog';
import type { Agent } from '@netsonde/protocol/api';
import type { FastifyRequest } from 'fastify';
import type { AuditEntry } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import type { AuthParts } from '../auth/parts.ts';
import type { ServerClock } from '../clock/server-clock.ts';
import type { KeyRotation } from '../fleet/key-rotation.ts';
import type { ListeningAgents } from '../fleet/listening/listening-agents.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Planner } from '../planning/planner.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { Coverage } from './coverage.ts';
import type { Tallies } from './tallies.ts';

/** The current state of an agent's session. */
export interface LiveAgent {
  /** Whether the agent runs exactly its assignment. */
  readonly inStep: boolean;
  /** When its session began, epoch ms. */
  readonly connectedMs: number;
  /** When the agent was last heard from, epoch ms. */
  readonly lastHeardMs: number;
  /** Whether the agent has been silent for two heartbeats. */
  readonly silent: boolean;
  /** The last measurement of its clock minus the server's in this session, ms. null: none yet. */
  readonly clock: { readonly offsetMs: number; readonly errorMs: number; readonly atMs: number } | null;
  readonly spool: Agent['spool'];
  readonly loopDelayP99Ms: number | null;
  /** What the agent itself knows of the time, ms. null: it did not say. */
  readonly ownClock: {
    readonly errorMs: number | null;
    readonly synchronised: boolean | null;
    readonly problem: { readonly kind: string; readonly byMs: number; readonly sinceMs: number } | null;
  } | null;
}

/** What the API needs from the agents' sessions. */
export interface FleetView {
  /** undefined: the agent has no session. */
  live(agent: number): LiveAgent | undefined;
  /** When an agent without a session was last heard from, epoch ms. undefined: the database has the value. */
  lastSeenMs(agent: number): number | undefined;
  /** Revokes an agent: ends its session and refuses its key from now on. */
  revoke(agent: number): Promise<void>;
  /** Listening agents. */
  readonly listening: Pick<ListeningAgents, 'list' | 'ofAgent' | 'add' | 'remove'>;
  /** The server's own key. */
  readonly rotation: Pick<KeyRotation, 'state' | 'begin' | 'finish'>;
  /** Asks an agent to create a new key. false: it has no session, or is too old for that. */
  rotateAgentKey(agent: number): boolean;
  /** false: no other host with the agent's key is waiting. */
  acceptMove(agent: number): Promise<boolean>;
}

/** What the routes depend on. */
export interface ApiParts {
  readonly auth: AuthParts;
  readonly clock: ServerClock;
  readonly identify: (request: FastifyRequest, touch: boolean) => Promise<Caller>;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly planner: Planner;
  readonly store: ResultStore;
  readonly fleet: FleetView;
  readonly hub: LiveHub;
  readonly coverage: Coverage;
  readonly tallies: Tallies;
  /** With the operator's defaults. */
  readonly catalog: Catalog;
  /** SHA-256 of the server's newest public key, base64url. Enrolment tokens pin it. */
  readonly serverFingerprint: () => string;
  readonly basePath: string;
  readonly version: string;
}
