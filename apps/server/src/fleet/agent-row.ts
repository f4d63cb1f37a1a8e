import type { Selectable } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** An agent's row in the configuration database. */
export type AgentRow = Selectable<ConfigSchema['agent']>;
