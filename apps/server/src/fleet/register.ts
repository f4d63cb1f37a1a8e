import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AgentMessage, nameFault } from '@netsonde/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { checkHost } from './agent-host.ts';
import { findByKey } from './agent-keys.ts';
import type { AgentRow } from './agent-row.ts';
import { noteEnrolled } from './own-agent.ts';
import { SessionRejection } from './rejection.ts';

type Db = Kysely<ConfigSchema>;
export type Proof = Extract<AgentMessage, { type: 'proof' }>;

const DAY_MS = 86_400_000;
/** Most that an agent's clock may be ahead of the server's at its start, ms. */
const MOST_AHEAD_MS = 7 * DAY_MS;
/** Most starts of an agent without reaching the server. */
const MOST_STARTS_UNHEARD = 100_000;

/** A connecting agent, with what it proved. */
export interface Arrival {
  readonly agentKey: string;
  readonly proof: Proof;
  /** The text that the enrolment's MAC covers. */
  readonly enrolmentText: string;
  readonly address: string;
  /** Fingerprint of the server's key that the agent was shown: the newest that it accepts. */
  readonly serverKey: string;
  readonly nowMs: number;
}

/**
 * Returns the agent's row. Enrols a new agent if its token is valid. A known agent's row is not changed yet, so that a
 * rejected copy leaves no trace. @throws SessionRejection
 */
export async function admit(db: Db, arrival: Arrival): Promise<AgentRow> {
  const known = await findByKey(db, arrival.agentKey);
  if (known !== undefined) {
    checkEpochAhead(known.epoch, arrival);
    return checkKnown(known, arrival);
  }
  return db.transaction().execute(async (transaction) => {
    const enrolled = await findByKey(transaction, arrival.agentKey);
    checkEpochAhead(enrolled?.epoch ?? 0, arrival);
    return enrolled === undefined ? enrol(transaction, arrival) : checkKnown(enrolled, arrival);
  });
}

/** @throws SessionRejection */
function checkKnown(known: AgentRow, { proof, nowMs }: Arrival): AgentRow {
  if (known.revoked_at !== null) throw revoked();
  checkHost(known, proof.host, nowMs);
  checkEpoch(known, proof);
  return known;
}

function revoked(): SessionRejection {
  return new SessionRejection(
    'revoked',
    'this agent was revoked: to use the host again, enrol with a new token (netsonde token create --agent) and another --data folder',
    false,
  );
}

/**
 * An epoch is the agent's clock at its start, or its last epoch plus one. Accepting a much later one would lock out the
 * real agent, since all its epochs would be lower.
 */
function checkEpochAhead(lastEpoch: number, { proof: { epoch }, nowMs }: Arrival): void {
  if (epoch <= Math.max(nowMs + MOST_AHEAD_MS, lastEpoch + MOST_STARTS_UNHEARD)) return;
  const days = Math.floor((epoch - nowMs) / DAY_MS);
  throw new SessionRejection(
    'bad_proof',
    `this agent's epoch is ${days} days ahead of the server's clock: set the clock of the agent's host, then start it with an empty --data folder`,
    false,
  );
}

function checkEpoch(known: AgentRow, proof: Proof): void {
  if (proof.epoch < known.epoch)
    throw new SessionRejection(
      'cloned',
      `this agent's data folder is older than what the server knows of agent ${known.id} (${known.name}): it was copied or restored; enrol this host with a new token and an empty --data folder`,
      false,
    );
}

/**
 * Stores an admitted agent's description of itself. Its own labels replace those of the previous session. The
 * administrator's labels stay as they are.
 * @throws SessionRejection if the agent was revoked meanwhile
 */
export async function noteArrival(db: Db, known: AgentRow, arrival: Arrival): Promise<AgentRow> {
  const { proof, address, nowMs, agentKey, serverKey } = arrival;
  // Once the agent has used its new key, the previous one is dropped.
  const previous = agentKey === known.public_key ? null : known.previous_public_key;
  const noted = await db
    .updateTable('agent')
    .set({
      own_labels: JSON.stringify(proof.labels),
      ...described(proof),
      address,
      last_seen_at: nowMs,
      epoch: proof.epoch,
      previous_public_key: previous,
      server_key: serverKey,
      ...(proof.host === undefined ? {} : { host: JSON.stringify(proof.host) }),
    })
    .where('id', '=', known.id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (noted === undefined) throw revoked();
  return noted;
}

async function enrol(db: Transaction<ConfigSchema>, arrival: Arrival): Promise<AgentRow> {
  const { proof, agentKey, address, nowMs } = arrival;
  if (proof.enrolment === undefined)
    throw new SessionRejection(
      'unknown_agent',
      'this server does not know this agent: make a token with "netsonde token create --agent" and give it with --token',
      false,
    );
  const name = newName(proof);
  const token = await useToken(db, proof.enrolment, arrival);
  const taken = await db
    .selectFrom('agent')
    .select('id')
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (taken !== undefined)
    throw new SessionRejection(
      'name_taken',
      `there is an agent named ${JSON.stringify(name)} already: choose another with --name, or revoke that one first`,
      false,
    );
  const enrolled = await db
    .insertInto('agent')
    .values({
      name,
      public_key: agentKey,
      labels: token.labels,
      own_labels: JSON.stringify(proof.labels),
      own_labels_select: token.own_labels_select,
      ...described(proof),
      address,
      enrolled_at: nowMs,
      last_seen_at: nowMs,
      revoked_at: null,
      epoch: proof.epoch,
      host: proof.host === undefined ? null : JSON.stringify(proof.host),
      clock_offset_ms: null,
      clock_error_ms: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await noteEnrolled(db, proof.enrolment.tokenId, enrolled.id);
  return enrolled;
}

/** Agents that enrolled before this rule keep their names. Only a new name is refused. @throws SessionRejection */
function newName({ name }: Proof): string {
  const fault = nameFault(name);
  if (fault !== null)
    throw new SessionRejection(
      'bad_message',
      `the name ${JSON.stringify(name)} ${fault}: choose another with --name`,
      false,
    );
  return name.trim();
}

/** Counts one use of the token, in the transaction that writes the agent. */
async function useToken(
  db: Transaction<ConfigSchema>,
  { tokenId, mac }: NonNullable<Proof['enrolment']>,
  { enrolmentText, nowMs }: Arrival,
): Promise<Pick<Selectable<ConfigSchema['enrolment_token']>, 'labels' | 'own_labels_select'>> {
  const again = 'make a new one with: netsonde token create --agent';
  const token = await db.selectFrom('enrolment_token').selectAll().where('id', '=', tokenId).executeTakeFirst();
  if (token === undefined || !sameMac(token.secret_key, enrolmentText, mac))
    throw new SessionRejection(
      'token_invalid',
      `this server does not know the token: it was mistyped or deleted; ${again}`,
      false,
    );
  if (token.expires_at !== null && token.expires_at <= nowMs)
    throw new SessionRejection(
      'token_expired',
      `the token expired at ${new Date(token.expires_at).toISOString()}: ${again}`,
      false,
    );
  if (token.uses_left === null) return token;
  if (token.uses_left < 1) throw new SessionRejection('token_used', `the token is used up: ${again}`, false);
  await db
    .updateTable('enrolment_token')
    .set({ uses_left: token.uses_left - 1 })
    .where('id', '=', tokenId)
    .execute();
  return token;
}

function sameMac(secretKeyHex: string, text: string, mac: string): boolean {
  const expected = createHmac('sha256', Buffer.from(secretKeyHex, 'hex')).update(text).digest();
  const given = Buffer.from(mac, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function described({ system, capabilities }: Proof): { system: string; capabilities: string } {
  return { system: JSON.stringify(system), capabilities: JSON.stringify(capabilities) };
}

/** Refuses the agent's key from now on. */
export async function markRevoked(db: Db, agent: number, nowMs: number): Promise<void> {
  await db
    .updateTable('agent')
    .set({ revoked_at: nowMs })
    .where('id', '=', agent)
    .where('revoked_at', 'is', null)
    .execute();
}
