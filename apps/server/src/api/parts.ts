import type { Catalog } from '@netsonde/probes/catalog';
import type { Agent } from '@netsonde/protocol/api';
import type { FastifyRequest } from 'fastify';
import type { AuditEntry } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import type { AuthParts } from '../auth/parts.ts';
import type { KeyRotation } from '../fleet/key-rotation.ts';
import type { ListeningAgents } from '../fleet/listening/listening-agents.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Planner } from '../planning/planner.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { Coverage } from './coverage.ts';
import type { Tallies } from './tallies.ts';

/** The current state of an agent's session. */
export interface LiveAgent {
  /** Whether the agent runs exactly what it should. */
  readonly inStep: boolean;
  /** When it was heard of last, epoch ms. */
  readonly lastHeardMs: number;
  /** Nothing was heard of it for two heartbeats. */
  readonly silent: boolean;
  readonly spool: Agent['spool'];
  readonly loopDelayP99Ms: number | null;
}

/** What the API asks of the agents' sessions. */
export interface FleetView {
  /** undefined: the agent has no session. */
  live(agent: number): LiveAgent | undefined;
  /** When an agent without a session was heard of last, epoch ms; undefined: the database has it. */
  lastSeenMs(agent: number): number | undefined;
  /** Ends the agent's session and refuses its key from now on. */
  revoke(agent: number): Promise<void>;
  /** Agents that listen. */
  readonly listening: Pick<ListeningAgents, 'list' | 'ofAgent' | 'add' | 'remove'>;
  /** The server's own key. */
  readonly rotation: Pick<KeyRotation, 'state' | 'begin' | 'finish'>;
  /** Asks an agent to take a new key. false: it has no session, or does not know how. */
  rotateAgentKey(agent: number): boolean;
}

/** Everything that the routes work on. */
export interface ApiParts {
  readonly auth: AuthParts;
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
  /** SHA-256 of the server's newest public key, base64url: what enrolment tokens pin. */
  readonly serverFingerprint: () => string;
  readonly basePath: string;
  readonly version: string;
}
