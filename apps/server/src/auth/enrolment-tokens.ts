import { createHash, randomBytes } from 'node:crypto';
import { formatEnrolmentToken } from '@netsonde/protocol';
import type { EnrolmentTokenInfo } from '@netsonde/protocol/api';
import { iso, isoOrNull } from '../api/instants.ts';
import type { AuthParts } from './parts.ts';
import { newSecret } from './secrets.ts';

const HOUR_MS = 3_600_000;

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly uses_left: number | null;
  readonly labels: string;
  readonly own_labels_select: number;
}

const toInfo = (row: TokenRow): EnrolmentTokenInfo => ({
  id: row.id,
  name: row.name,
  createdAt: iso(row.created_at),
  expiresAt: isoOrNull(row.expires_at),
  usesLeft: row.uses_left,
  labels: JSON.parse(row.labels) as Record<string, string>,
  ownLabelsSelect: row.own_labels_select !== 0,
});

export interface EnrolmentTokenRequest {
  readonly name: string;
  /** null: any number of agents. */
  readonly uses: number | null;
  /** null: never expires. */
  readonly expiresInHours: number | null;
  /** The administrator's labels for agents that enrol with it. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether tests also select these agents by the labels that they declare. Default: no. */
  readonly ownLabelsSelect?: boolean;
}

/** Creates a token that pins the server's key. Its text is only in this result. Stores SHA-256 of its secret, hex. */
export async function createEnrolmentToken(
  { db, now }: AuthParts,
  serverFingerprint: string,
  { name, uses, expiresInHours, labels = {}, ownLabelsSelect = false }: EnrolmentTokenRequest,
): Promise<EnrolmentTokenInfo & { token: string }> {
  const at = now();
  const id = randomBytes(9).toString('base64url');
  const secret = newSecret();
  const row = {
    id,
    name,
    secret_key: createHash('sha256').update(secret).digest('hex'),
    created_at: at,
    expires_at: expiresInHours === null ? null : at + expiresInHours * HOUR_MS,
    uses_left: uses,
    labels: JSON.stringify(labels),
    own_labels_select: ownLabelsSelect ? 1 : 0,
  };
  await db.insertInto('enrolment_token').values(row).execute();
  return { ...toInfo(row), token: formatEnrolmentToken({ id, secret, serverFingerprint }) };
}

export async function listEnrolmentTokens({ db }: AuthParts): Promise<readonly EnrolmentTokenInfo[]> {
  return (await db.selectFrom('enrolment_token').selectAll().orderBy('created_at').execute()).map(toInfo);
}

/** false: there is no such token. */
export async function deleteEnrolmentToken({ db }: AuthParts, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('enrolment_token').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}
