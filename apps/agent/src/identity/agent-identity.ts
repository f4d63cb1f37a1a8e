import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../files/write-durably.ts';

/** The server that this data folder belongs to. */
export interface KnownServer {
  /** SHA-256 of the server's raw public key, base64url. */
  readonly fingerprint: string;
  /** The id that the server gave this agent. */
  readonly agentId: number;
}

/** Who this agent is: a key pair of its own, and the server that it was enrolled with. */
export interface AgentIdentity {
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** Signature, base64url. */
  sign(text: string): string;
  /** null before the first welcome. */
  readonly server: KnownServer | null;
  /** Pins the server, durably. */
  pin(server: KnownServer): void;
}

const serverSchema = z.object({ fingerprint: z.string(), agentId: z.int().positive() });

/** Reads the identity kept in the data folder, making a key pair at the first start (mode 0600). */
export function openIdentity(folder: string): AgentIdentity {
  const keyPath = join(folder, 'agent-key.pem');
  const serverPath = join(folder, 'server.json');
  const key = existsSync(keyPath) ? createPrivateKey(readFileSync(keyPath)) : newKey(keyPath);
  let server = existsSync(serverPath) ? serverSchema.parse(JSON.parse(readFileSync(serverPath, 'utf8'))) : null;
  return {
    publicKey: rawPublicKey(key),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
    get server() {
      return server;
    },
    pin(known) {
      if (server?.fingerprint === known.fingerprint && server.agentId === known.agentId) return;
      writeDurably(serverPath, JSON.stringify(known));
      server = known;
    },
  };
}

/** SHA-256 of a raw public key (base64url), base64url. */
export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64url');
}

function newKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeDurably(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

function rawPublicKey(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).x ?? '';
}
