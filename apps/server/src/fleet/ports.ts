import type { AgentCapability, Assignment, RunRecord } from '@netsonde/protocol';
import type { LiveEvents } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { ServerClock } from '../clock/server-clock.ts';
import type { Incarnation } from '../incarnation/incarnation.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { Origin, ResultStore } from '../store/result-store.ts';
import type { RefusalLog } from './refusal-log.ts';

/** An agent as planning needs it. Fields other than the id are absent if they did not change. */
export interface AgentNews {
  readonly id: number;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly AgentCapability[];
  readonly revoked?: boolean;
  /** When the agent lost its session, epoch ms. null: it is online. */
  readonly offlineSinceMs?: number | null;
}

/** Decides what agents run. */
export interface FleetPlanning {
  /**
   * An agent's whole assignment as of now. `startMs` of a check is the instant from which an agent accounts for a
   * (check, target) that is new to it.
   */
  assignment(agent: number): Assignment;
  agentChanged(news: AgentNews): void;
  /** `target`: refused only against this one. */
  agentRefuses(
    agent: number,
    refused: readonly { readonly check: number; readonly target?: number | undefined; readonly reason: string }[],
  ): void;
}

/** Receives events of the fleet. */
export interface FleetAudience {
  /** Whether any listener needs results. Absent: always. */
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
  /** Absent: no listener. */
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What the fleet depends on. */
export interface FleetParts {
  readonly db: Kysely<ConfigSchema>;
  readonly store: Pick<ResultStore, 'ingest' | 'received'>;
  readonly planning: FleetPlanning;
  /** Absent: sessions name no incarnation. */
  readonly incarnation?: Pick<Incarnation, 'word' | 'witness'>;
  readonly audience: FleetAudience;
  /** Folder of the server's key. */
  readonly dataFolder: string;
  /** Path prefix of the session endpoint. '' without a reverse proxy's prefix. */
  readonly basePath: string;
  /** How often agents report, ms. */
  readonly heartbeatMs: number;
  /** Longest wait between two attempts to reach a listening agent, ms. Absent: 30 s. */
  readonly longestDialWaitMs?: number | undefined;
  /** Epoch ms. */
  readonly now: () => number;
  /** Absent: the time is right by definition. */
  readonly clock?: Pick<ServerClock, 'isSure' | 'heard'> | undefined;
  readonly log: FleetLog;
}

/** State that all sessions of a fleet share. */
export interface SharedParts extends FleetParts {
  readonly refusals: RefusalLog;
}
