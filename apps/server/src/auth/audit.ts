import type { AuthParts } from './parts.ts';

/** An action of a caller: `user.create`, `test.delete` ... It never contains a secret. */
export interface AuditEntry {
  /** `user:name`, `token:name`, `anonymous` or `system`. */
  readonly actor: string;
  readonly action: string;
  /** Object of the action: `user 3`. */
  readonly subject: string;
  readonly detail?: string;
}

/** An entry for display, without the name that an unknown caller entered, which may be a password. */
export const auditFacts = ({ actor, action, subject, detail }: AuditEntry): Readonly<Record<string, string>> => ({
  actor,
  action,
  ...(actor === 'anonymous' ? {} : { subject }),
  ...(detail === undefined ? {} : { detail }),
});

/** Stores an entry permanently. */
export async function audit({ db, now }: AuthParts, { actor, action, subject, detail }: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({ at: now(), actor, action, subject, detail: detail ?? '' })
    .execute();
}
