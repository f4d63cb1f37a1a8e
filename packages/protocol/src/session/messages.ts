import { z } from 'zod';
import { ownLabelsSchema } from '../labels.ts';
import { agentRecordSchema, dropSchema } from '../record.ts';
import { openWord, WORD } from '../words.ts';
import { sentCheckSchema } from './assignment.ts';

/** Path of the WebSocket on the server, below its base path. */
export const SESSION_PATH = '/agent/session';
/**
 * Header of a server's request to an agent that listens: the fingerprints of the server's keys, separated by commas. An
 * agent answers no one else.
 */
export const SERVER_HEADER = 'netsonde-server';
/** Label of the TLS exporter's value that both ends sign. Source: RFC 5705 section 4. */
export const TLS_BINDING_LABEL = 'EXPORTER-netsonde-session';
/** Largest frame in bytes, both ways. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Keys of one server at a time: two while one takes the other's place. */
export const MAX_SERVER_KEYS = 4;

const key = z.base64url().max(128);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const ranges = z
  .array(
    z.tuple([z.int().nonnegative(), z.int().nonnegative()]).refine(([from, to]) => from <= to, 'ends before it begins'),
  )
  .max(4096);
/** A host's clock, epoch ms: at most some 17,000 years. */
const clockMs = z
  .number()
  .min(0)
  .max(2 ** 49);
const epoch = z.int().nonnegative();

/** Longest text of a server that an agent takes in and logs, characters. */
export const MAX_SAID = 500;
/** A server's sentence or name, cut and not refused: a long one must not cost the session. */
const said = z.string().overwrite((text) => (text.length > MAX_SAID ? `${text.slice(0, MAX_SAID)}…` : text));

/** What an agent can or cannot do on its host, and the command that mends what is missing. */
export const capabilitySchema = z.object({
  id: z.string().max(64),
  available: z.boolean(),
  /** Which way it is had ("ping socket"), or why not. */
  note: z.string().max(300),
  mend: z.string().max(300).optional(),
});
export type AgentCapability = z.infer<typeof capabilitySchema>;

/** The agent's host, as it describes itself. */
export const systemSchema = z.object({
  hostname: z.string().max(255),
  platform: z.string().max(32),
  release: z.string().max(128),
  arch: z.string().max(32),
  cpus: z.int().positive(),
  memoryBytes: z.int().positive(),
  node: z.string().max(32),
  version: z.string().max(32),
  addresses: z.array(z.string().max(64)).max(64),
});
export type AgentSystem = z.infer<typeof systemSchema>;

/** Per-kind credits: how many more record frames of that kind the agent may send before it must wait. */
export const creditsSchema = z.object({ live: z.int().nonnegative(), backlog: z.int().nonnegative() });
export type Credits = z.infer<typeof creditsSchema>;

const hostPart = z
  .string()
  .regex(/^[0-9a-f]{8,64}$/)
  .optional();
/** What tells an agent's host from another one with its key: salted hashes. A part that is not known is absent. */
export const agentHostSchema = z.object({ machine: hostPart, folder: hostPart });
export type AgentHost = z.infer<typeof agentHostSchema>;

/** Random word of one state of a server's data. */
const incarnation = z.string().regex(/^[0-9a-f]{1,64}$/);

/** What an agent heard last of its server: a server whose data were put back to an older state learns it from there. */
export const knownIncarnationSchema = z.object({
  incarnation,
  /** Of its assignment. */
  revision: z.int().nonnegative(),
  /** Highest ids that it was assigned. */
  check: z.int().nonnegative(),
  target: z.int().nonnegative(),
  /** The last record that the server acknowledged and that the agent no longer holds. */
  acknowledged: z.object({ epoch, seq: z.int().nonnegative() }).optional(),
});
export type KnownIncarnation = z.infer<typeof knownIncarnationSchema>;

/** From agent to server. `hello` and `proof` come first, in this order. */
export const agentMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    agentKey: key,
    nonce: key,
    /** Fingerprints that the server may prove itself with. Absent: the agent did not say. */
    pins: z.array(key).max(MAX_SERVER_KEYS).optional(),
  }),
  z.object({
    type: z.literal('proof'),
    signature: key,
    /** First contact only: HMAC-SHA-256 over the transcript, keyed with SHA-256 of the token's secret. */
    enrolment: z.object({ tokenId: z.string().max(32), mac: key }).optional(),
    name: z.string().min(1).max(100),
    labels: ownLabelsSchema,
    epoch,
    /** Hash of the assignment that the agent runs now; null: none. */
    assignmentHash: hash.nullable(),
    system: systemSchema,
    capabilities: z.array(capabilitySchema).max(64),
    /** Absent: the agent or its server is older than incarnations. */
    known: knownIncarnationSchema.optional(),
    /** Absent: the agent is older than this. */
    host: agentHostSchema.optional(),
  }),
  z.object({
    type: z.literal('assigned'),
    revision: z.int(),
    hash,
    /** Checks that it will not run; with `target`: only not against that one. */
    refused: z.array(z.object({ check: z.int(), target: z.int().optional(), reason: z.string().max(500) })).max(1000),
  }),
  z.object({
    type: z.literal('records'),
    kind: z.enum(['live', 'backlog']),
    epoch,
    items: z.array(agentRecordSchema).min(1),
  }),
  z.object({ type: z.literal('drops'), epoch, drops: z.array(dropSchema).min(1).max(64) }),
  z.object({
    type: z.literal('status'),
    /** p99 of the agent's event-loop delay since the last status, ms; null: no run was under way, so none was sampled. */
    loopDelayP99Ms: z.number().nonnegative().nullable(),
    running: z.int().nonnegative(),
    spool: z.object({
      records: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      oldestAt: z.int().nullable(),
      dropped: z.int().nonnegative(),
    }),
    capabilities: z.array(capabilitySchema).max(64).optional(),
    /** What the agent knows of the time. Absent: an older agent, which believes its clock. */
    clock: z
      .object({
        /** How far its best estimate can be off, ms; null: nobody has confirmed it. */
        errorMs: z.number().nonnegative().nullable(),
        /** Whether a time service keeps its host's clock in step; null: the platform does not say. */
        synchronised: z.boolean().nullable(),
        /** What is wrong with its host's clock; null: it is used as it is. */
        problem: z.object({ kind: z.string().max(32), byMs: z.number(), sinceMs: clockMs }).nullable(),
      })
      .optional(),
  }),
  z.object({
    type: z.literal('progress'),
    check: z.int(),
    target: z.int(),
    at: z.int(),
    line: z.string().max(300),
  }),
  z.object({
    type: z.literal('time'),
    id: z.int(),
    /** The agent's best estimate of the time: what its records are dated by. */
    agentMs: clockMs,
    /**
     * Its host's own clock, and a mark that hosts with the same kernel share. Absent: it is `agentMs` (an older agent).
     */
    host: z.object({ ms: clockMs, boot: z.string().max(64).optional() }).optional(),
  }),
  z.object({ type: z.literal('bye'), reason: z.string().max(100) }),
  /** The agent wants to be known by this key from now on; signed with it, over this session's transcript for "rekey". */
  z.object({ type: z.literal('rekey'), agentKey: key, signature: key }),
  /** The agent accepts a server that proves one of these, and has written that down durably. */
  z.object({ type: z.literal('pinned'), fingerprints: z.array(key).min(1).max(MAX_SERVER_KEYS) }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

/** Why a server ends a session; each comes with a sentence that says what to do. */
export const REJECTIONS = [
  'protocol_version',
  'bad_message',
  'unknown_agent',
  'bad_proof',
  'token_invalid',
  'token_used',
  'token_expired',
  'revoked',
  'cloned',
  'replaced',
  'name_taken',
  'shutting_down',
  'store_fault',
  'too_slow',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** From server to agent. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  /** Signature over the transcript with label "netsonde server", by the key whose SHA-256 is the fingerprint. */
  z.object({ type: z.literal('challenge'), serverKey: key, nonce: key, signature: key, serverMs: z.number() }),
  z.object({
    type: z.literal('welcome'),
    agentId: z.int().positive(),
    name: said,
    heartbeatMs: z.int().positive().max(86_400_000),
    /** What the server holds of each of the agent's epochs that it asked about: all records in these ranges may be forgotten. */
    received: z.array(z.object({ epoch, ranges })).max(1024),
    credits: creditsSchema,
    /** It changes when the server's data are put back to an older state. Absent: an older server. */
    incarnation: incarnation.optional(),
    /** `received` is complete for this epoch and all later ones. Absent: an older server, or for none. */
    receivedSince: epoch.optional(),
  }),
  z.object({ type: z.literal('rejected'), code: openWord(REJECTIONS), message: said, retry: z.boolean() }),
  /** Parts 0 .. parts-1 in order make one assignment; `hash` is of the whole. */
  z.object({
    type: z.literal('assign'),
    revision: z.int(),
    hash,
    part: z.int(),
    parts: z.int().positive(),
    /** Each is read on its own: see `assignedCheckSchema`. */
    checks: z.array(sentCheckSchema),
  }),
  /** Durable: all records in these ranges are committed (or were already). Sent after the commit only. */
  z.object({ type: z.literal('ack'), epoch, ranges }),
  /** A record that can never be stored; it is acknowledged by this and counted. */
  z.object({ type: z.literal('refused'), epoch, seq: z.int(), reason: said }),
  z.object({ type: z.literal('credit'), add: creditsSchema }),
  z.object({
    type: z.literal('time'),
    id: z.int(),
    agentMs: clockMs,
    serverMs: z.number(),
    /** Whether someone has confirmed the server's time. Absent: an older server, which believes its clock. */
    sure: z.boolean().optional(),
  }),
  /** All keys that the server may prove itself with from now on, newest first. Answered with `pinned`. */
  z.object({ type: z.literal('server_keys'), fingerprints: z.array(key).min(1).max(MAX_SERVER_KEYS) }),
  /** An administrator wants the agent to take a new key. Answered with `rekey`. */
  z.object({ type: z.literal('rotate_key') }),
  /** Durable: the agent is known by this key, and by the one before until this one was used. */
  z.object({ type: z.literal('rekeyed'), agentKey: key }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

const AGENT_TYPES: ReadonlySet<string> = new Set(agentMessageSchema.options.map(({ shape }) => shape.type.value));
const SERVER_TYPES: ReadonlySet<string> = new Set(serverMessageSchema.options.map(({ shape }) => shape.type.value));

/** The type of a message that only a newer peer knows, which is passed over; null where this version knows it or it is none. */
export function newerType(message: unknown, from: 'agent' | 'server'): string | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  const { type } = message;
  if (typeof type !== 'string' || !WORD.test(type)) return null;
  return (from === 'agent' ? AGENT_TYPES : SERVER_TYPES).has(type) ? null : type;
}
