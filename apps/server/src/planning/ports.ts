import type { Catalog } from '@netsonde/probes/catalog';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { KnownAgent } from './model.ts';
import type { TimingDefaults } from './test-timing.ts';

export type TestChange = 'created' | 'changed' | 'started' | 'stopped' | 'completed' | 'deleted';

/** What one pass of planning did. */
export interface PlanWork {
  /** Tests that were planned. */
  readonly tests: number;
  /** Pairs of an agent and a check that were compared with what is due. */
  readonly series: number;
  /** Spans that were written: begun, changed or closed. */
  readonly changed: number;
  readonly transactions: number;
}

/** What planning works on and whom it tells. */
export interface PlannerParts {
  readonly db: Kysely<ConfigSchema>;
  readonly catalog: Catalog;
  readonly store: Pick<ResultStore, 'setChecks' | 'planChanged' | 'forget'>;
  readonly defaults: TimingDefaults;
  /** Epoch ms. */
  readonly now: () => number;
  /** An agent counts as away once it has had no session for so long, ms. */
  readonly patienceMs: number;
  /** What an agent has to do has changed. */
  readonly onAssignment: (agent: number) => void;
  readonly onTest: (test: number, change: TestChange) => void;
  /** What a pass of planning did; absent: nobody asks. */
  readonly onPlanned?: (work: PlanWork) => void;
  /** Work that planning did on its own (by time or for an agent) failed. */
  readonly onError: (error: unknown) => void;
}

/** What may change of an agent; what is left out stays. */
export type AgentChange = Pick<KnownAgent, 'id'> & Partial<Omit<KnownAgent, 'id'>>;
