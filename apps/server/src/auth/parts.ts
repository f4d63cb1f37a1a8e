import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** What access control depends on. */
export interface AuthParts {
  readonly db: Kysely<ConfigSchema>;
  /** Epoch ms. */
  readonly now: () => number;
}
