import { existsSync, readFileSync } from 'node:fs';
import type { EnrolmentToken } from '@netsonde/protocol';
import { z } from 'zod';
import { writeDurably } from '../files/write-durably.ts';

/** The server that a data folder belongs to. */
export interface KnownServer {
  /** The id that the server assigned to this agent. */
  readonly agentId: number;
  /**
   * SHA-256 of each public key that the server may prove, base64url, newest first. There are two while the server
   * changes its key.
   */
  readonly fingerprints: readonly string[];
  /** Former keys of the server. They authenticate nothing, but show that an old token belongs to this server. */
  readonly former: readonly string[];
}

const MOST_FORMER = 16;

const fileSchema = z.object({
  agentId: z.int().positive(),
  fingerprints: z.array(z.string()).min(1),
  former: z.array(z.string()).default([]),
});
/** The format from before a server could change its key. */
const oneKeySchema = z
  .object({ agentId: z.int().positive(), fingerprint: z.string() })
  .transform(({ agentId, fingerprint }) => ({ agentId, fingerprints: [fingerprint], former: [] }));

/** Whether this server made a token, with any of its keys. */
export function isOfServer({ fingerprints, former }: KnownServer, { serverFingerprint }: EnrolmentToken): boolean {
  return fingerprints.includes(serverFingerprint) || former.includes(serverFingerprint);
}

/** null before the first welcome. @throws Error that names the damaged file. */
export function readKnownServer(path: string): KnownServer | null {
  if (!existsSync(path)) return null;
  try {
    return z.union([fileSchema, oneKeySchema]).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(
      `--data: ${path} cannot be read (${error instanceof Error ? error.message : error}): restore it, or enrol with a new token and another --data folder`,
    );
  }
}

/** Accepts only these keys from now on, durably. */
export function keepKnownServer(
  path: string,
  before: KnownServer | null,
  agentId: number,
  fingerprints: readonly string[],
): KnownServer {
  const given = new Set(fingerprints);
  const dropped = [...(before?.fingerprints ?? []), ...(before?.former ?? [])].filter((one) => !given.has(one));
  const known = { agentId, fingerprints: [...given], former: [...new Set(dropped)].slice(0, MOST_FORMER) };
  if (JSON.stringify(known) !== JSON.stringify(before)) writeDurably(path, JSON.stringify(known));
  return known;
}
