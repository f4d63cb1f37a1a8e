import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** What access control depends on. */
export interface AuthParts {
  readonly db: Kysely<ConfigSchema>;
  /** Epoch ms. */
  readonly now: () => number;
  /** The time that it certainly is at least, epoch ms; null: nothing is certain. What has expired by it is deleted. Absent: `now`. */
  readonly least?: (() => number | null) | undefined;
}
