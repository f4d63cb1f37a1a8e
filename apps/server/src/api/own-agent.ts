import { createEnrolmentToken } from '../auth/enrolment-tokens.ts';
import { findByKey } from '../fleet/agent-keys.ts';
import { expectOwnAgent, noteOwnAgent, ownAgentRow } from '../fleet/own-agent.ts';
import type { ApiParts } from './parts.ts';
import { revokeAgent } from './revoke-agent.ts';

/** The server's state of an agent's key. */
export type Standing = 'enrolled' | 'revoked' | 'unknown';

/** The agent of the server's own host, kept by `netsonde up`. */
export interface OwnAgent {
  /** SHA-256 of the keys that the server may prove, base64url, newest first. */
  fingerprints(): readonly string[];
  standing(publicKey: string): Promise<Standing>;
  /**
   * Sets the key of this host's agent. null: it has none yet. A previous agent of this host is revoked, since its key is
   * lost. Returns the name of the revoked agent. null: there was none.
   */
  is(publicKey: string | null): Promise<string | null>;
  /** Creates a token for this host's agent to enrol with these labels. */
  token(labels: Readonly<Record<string, string>>): Promise<string>;
}

const ACTOR = 'command line';
const HOURS = 24;

export function ownAgentOf(parts: ApiParts, fingerprints: () => readonly string[]): OwnAgent {
  const { auth, audit, serverFingerprint } = parts;
  const { db } = auth;
  return Object.freeze({
    fingerprints,
    standing: async (publicKey: string) => {
      const row = await findByKey(db, publicKey);
      if (row === undefined) return 'unknown';
      return row.revoked_at === null ? 'enrolled' : 'revoked';
    },
    is: async (publicKey: string | null) => {
      const former = await ownAgentRow(db);
      const present = publicKey === null ? undefined : await findByKey(db, publicKey);
      if (present !== undefined) await noteOwnAgent(db, present.id);
      if (former === undefined || former.id === present?.id) return null;
      await revokeAgent(parts, former.id, { actor: ACTOR, detail: 'its data folder is gone' });
      return former.name;
    },
    token: async (labels: Readonly<Record<string, string>>) => {
      const wanted = { name: 'this host', uses: 1, expiresInHours: HOURS, labels };
      const { id, name, token } = await createEnrolmentToken(auth, serverFingerprint(), wanted);
      await expectOwnAgent(db, id);
      await audit({
        actor: ACTOR,
        action: 'enrolment_token.create',
        subject: `enrolment token ${id}`,
        detail: name,
      });
      return token;
    },
  });
}
