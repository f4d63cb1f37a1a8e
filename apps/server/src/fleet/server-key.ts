import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The server's own key pair, which agents pin at enrolment. */
export interface ServerKey {
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** SHA-256 of the raw public key, base64url. */
  readonly fingerprint: string;
  /** Signature, base64url. */
  sign(text: string): string;
}

/** Reads the key from the data folder, making it at the first start (mode 0600). */
export function openServerKey(dataFolder: string): ServerKey {
  const path = join(dataFolder, 'server-key.pem');
  const key = existsSync(path) ? createPrivateKey(readFileSync(path)) : newKey(path);
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
  return Object.freeze({
    publicKey,
    fingerprint: createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64url'),
    sign: (text: string) => sign(null, Buffer.from(text), key).toString('base64url'),
  });
}

function newKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(fd, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  return privateKey;
}
