import { z } from 'zod';
import { idSchema, instantSchema } from './common.ts';

/** An agent that listens, and that this server dials. */
export const listeningAgentSchema = z.object({
  id: idSchema,
  url: z.string(),
  /** Who answered there last; null: nobody yet. */
  agent: idSchema.nullable(),
  /** `waiting`: for the next attempt. */
  state: z.enum(['connected', 'dialling', 'waiting']),
  addedAt: instantSchema,
  /** What went wrong last and what to do about it; null: nothing yet. */
  lastError: z.string().nullable(),
  lastErrorAt: instantSchema.nullable(),
});
export type ListeningAgent = z.infer<typeof listeningAgentSchema>;

export const addListeningAgentSchema = z.strictObject({
  /** `http://host:port`, or `https://host:port` where the agent has a certificate. */
  url: z.string().min(1).max(300),
});

/** The server's keys, by SHA-256 of the raw public key, base64url. */
export const serverKeySchema = z.object({
  /** What tokens made now pin. */
  fingerprint: z.string(),
  /** The key before it, as long as it is still proved to agents that know no other; null: there is none. */
  former: z.string().nullable(),
  /** Agents that do not know the newest key yet: they would not know this server without the former one. */
  waiting: z.array(z.object({ id: idSchema, name: z.string() })),
});
export type ServerKeyState = z.infer<typeof serverKeySchema>;

export const finishRotationSchema = z.strictObject({
  /** Give up the former key although agents are waiting: these must be enrolled again. */
  evenIfWaiting: z.boolean().default(false),
});
