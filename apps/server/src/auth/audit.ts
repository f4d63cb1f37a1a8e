import type { AuthParts } from './parts.ts';

/** Something that somebody did: `user.create`, `test.delete` ... No secret is ever in it. */
export interface AuditEntry {
  /** `user:name`, `token:name`, `anonymous` or `system`. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to: `user 3`. */
  readonly subject: string;
  readonly detail?: string;
}

/** An entry as the log tells it: without what somebody who is not known wrote as a name, which may be a password. */
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
