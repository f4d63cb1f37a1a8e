import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from '../files/write-durably.ts';

/** An Ed25519 key pair that is stored in a file. */
export interface AgentKey {
  /** Raw public key, base64url. */
  readonly publicKey: string;
  /** Signature, base64url. */
  sign(text: string): string;
}

/** Reads a key; null where there is no file. @throws Error that names the file where it holds no key. */
export function readKey(path: string): AgentKey | null {
  if (!existsSync(path)) return null;
  try {
    return keyOf(createPrivateKey(readFileSync(path)));
  } catch (error) {
    throw new Error(
      `--data: ${path} holds no key (${error instanceof Error ? error.message : error}): restore it, or enrol with a new token and another --data folder`,
    );
  }
}

/** Makes a key and stores it durably (mode 0600). */
export function makeKey(path: string): AgentKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeDurably(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return keyOf(privateKey);
}

/** SHA-256 of a raw public key (base64url), base64url. */
export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64url');
}

function keyOf(key: KeyObject): AgentKey {
  return {
    publicKey: createPublicKey(key).export({ format: 'jwk' }).x ?? '',
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}
