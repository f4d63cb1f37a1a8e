import type { AuthParts } from './parts.ts';

/** An action of a caller: `user.create`, `test.delete` ... It never contains a secret. */
export interface AuditEntry {
  /** `user:name`, `token:name`, `anonymous` or `system`. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to: `user 3`. */
  readonly subject: string;
  readonly detail?: string;
}

/** An entry as the log shows it: without the name that an unknown caller wrote, which may be a password. */
export const auditFacts = ({ actor, action, subject, detail }: AuditEntry): Readonly<Record<string, string>> => ({
  actor,
  action,
  ...(actor === 'anonymous' ? {} : { subject }),
  ...(detail === undefined ? {} : { detail }),
});

/** Keeps an entry for good. */
export async function audit({ db, now }: AuthParts, { actor, action, subject, detail }: AuditEntry): Promise<void> {
  await db
    .insertInto('audit')
    .values({ at: now(), actor, action, subject, detail: detail ?? '' })
    .execute();
}
