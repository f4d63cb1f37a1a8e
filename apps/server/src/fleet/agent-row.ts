import type { Selectable } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** An agent as the configuration keeps it. */
export type AgentRow = Selectable<ConfigSchema['agent']>;
