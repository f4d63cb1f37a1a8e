import type { Catalog } from '@netsonde/probes/catalog';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { KnownAgent } from './model.ts';
import type { TimingDefaults } from './test-timing.ts';

export type TestChange = 'created' | 'changed' | 'started' | 'stopped' | 'completed' | 'deleted';

/** What planning works on and whom it tells. */
export interface PlannerParts {
  readonly db: Kysely<ConfigSchema>;
  readonly catalog: Catalog;
  readonly store: Pick<ResultStore, 'setChecks' | 'forget'>;
  readonly defaults: TimingDefaults;
  /** Epoch ms. */
  readonly now: () => number;
  /** An agent counts as away once it has had no session for so long, ms. */
  readonly patienceMs: number;
  /** What an agent has to do has changed. */
  readonly onAssignment: (agent: number) => void;
  readonly onTest: (test: number, change: TestChange) => void;
  /** Work that planning did on its own (by time or for an agent) failed. */
  readonly onError: (error: unknown) => void;
}

/** What may change of an agent; what is left out stays. */
export type AgentChange = Pick<KnownAgent, 'id'> & Partial<Omit<KnownAgent, 'id'>>;
