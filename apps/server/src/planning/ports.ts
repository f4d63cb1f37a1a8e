import type { Catalog } from '@netsonde/probes/catalog';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { KnownAgent } from './model.ts';
import type { TimingDefaults } from './test-timing.ts';

export type TestChange = 'created' | 'changed' | 'started' | 'stopped' | 'completed' | 'deleted';

/** The work of one planning pass. */
export interface PlanWork {
  /** Tests that were planned. */
  readonly tests: number;
  /** Pairs of an agent and a check that were compared with the due spans. */
  readonly series: number;
  /** Spans that were written: added, changed or closed. */
  readonly changed: number;
  readonly transactions: number;
}

/** What planning depends on and reports to. */
export interface PlannerParts {
  readonly db: Kysely<ConfigSchema>;
  readonly catalog: Catalog;
  readonly store: Pick<ResultStore, 'setChecks' | 'addChecks' | 'planChanged' | 'forget'>;
  readonly defaults: TimingDefaults;
  /** Epoch ms. */
  readonly now: () => number;
  /** An agent counts as away after this time without a session, ms. */
  readonly patienceMs: number;
  /** Called when an agent's assignment has changed. */
  readonly onAssignment: (agent: number) => void;
  readonly onTest: (test: number, change: TestChange) => void;
  /** Called after each planning pass. */
  readonly onPlanned?: (work: PlanWork) => void;
  /** Called when background planning (by time or for an agent) fails. */
  readonly onError: (error: unknown) => void;
}

/** Changes of an agent. Absent fields stay as they are. */
export type AgentChange = Pick<KnownAgent, 'id'> & Partial<Omit<KnownAgent, 'id'>>;
