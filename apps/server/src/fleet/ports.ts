import type { AgentCapability, Assignment, RunRecord } from '@netsonde/protocol';
import type { LiveEvents } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { Origin, ResultStore } from '../store/result-store.ts';
import type { RefusalLog } from './refusal-log.ts';

/** What an agent is to planning; all but the id is left out where it did not change. */
export interface AgentNews {
  readonly id: number;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly AgentCapability[];
  readonly revoked?: boolean;
  /** Epoch ms since when it has no session; null: online. */
  readonly offlineSinceMs?: number | null;
}

/** Who decides what agents do. */
export interface FleetPlanning {
  /**
   * All that an agent has to do now. `startMs` of a check is the instant from which an agent that has never heard of its
   * (check, target) accounts for it.
   */
  assignment(agent: number): Assignment;
  agentChanged(news: AgentNews): void;
  agentRefuses(agent: number, refused: readonly { readonly check: number; readonly reason: string }[]): void;
}

/** Who is told what happens. */
export interface FleetAudience {
  /** Whether anybody is there to be told of results; absent: always. */
  readonly listening?: () => boolean;
  /** Committed results of one agent. */
  results(origin: Origin, records: readonly RunRecord[]): void;
  publish<Name extends 'agent' | 'missed' | 'progress'>(
    name: Name,
    data: LiveEvents[Name],
    topic: { readonly test: number | null; readonly agent: number | null },
  ): void;
}

export interface FleetLog {
  /** Absent: nobody wants to know so much. */
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What the fleet works on. */
export interface FleetParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'ingest' | 'received'>;
  readonly planning: FleetPlanning;
  readonly audience: FleetAudience;
  /** Folder of the server's key. */
  readonly dataFolder: string;
  /** Path in front of the session's own, '' without a reverse proxy's. */
  readonly basePath: string;
  /** How often agents report, ms. */
  readonly heartbeatMs: number;
  /** Longest wait between two attempts to reach an agent that listens, ms. Absent: half a minute. */
  readonly longestDialWaitMs?: number | undefined;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: FleetLog;
}

/** What all sessions of a fleet share. */
export interface SharedParts extends FleetParts {
  readonly refusals: RefusalLog;
}
