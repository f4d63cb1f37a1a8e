import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A key pair of the server. Agents pin its public key at enrolment. */
export interface ServerKey {
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** SHA-256 of the raw public key, base64url. */
  readonly fingerprint: string;
  /** Signature, base64url. */
  sign(text: string): string;
}

/** The server's keys: one, and a second during a rotation. */
export interface ServerKeys {
  /** File of the first key. */
  readonly file: string;
  /** All keys, newest first. */
  readonly all: readonly ServerKey[];
  /** The key that new tokens pin. */
  readonly newest: ServerKey;
  /** The newest key that an agent with these pins accepts. `pins` undefined: it sent none and knows the oldest. */
  acceptedBy(pins: readonly string[] | undefined): ServerKey;
  /** Creates the second key durably. false: there is one already. */
  begin(): boolean;
  /** Deletes the first key durably. false: there is no second one. */
  finish(): boolean;
}

/** Reads the keys from the data folder. At the first start it creates one (mode 0600). @throws Error that names the file. */
export function openServerKeys(dataFolder: string): ServerKeys {
  const path = join(dataFolder, 'server-key.pem');
  const nextPath = join(dataFolder, 'server-key.next.pem');
  let oldest = readKey(path) ?? makeKey(path);
  let next = readKey(nextPath);
  return {
    file: path,
    get all() {
      return next === null ? [oldest] : [next, oldest];
    },
    get newest() {
      return next ?? oldest;
    },
    acceptedBy(pins) {
      if (pins === undefined) return oldest;
      return this.all.find(({ fingerprint }) => pins.includes(fingerprint)) ?? this.newest;
    },
    begin() {
      if (next !== null) return false;
      next = makeKey(nextPath);
      return true;
    },
    finish() {
      if (next === null) return false;
      renameDurably(nextPath, path);
      oldest = next;
      next = null;
      return true;
    },
  };
}

function readKey(path: string): ServerKey | null {
  if (!existsSync(path)) return null;
  try {
    return keyOf(createPrivateKey(readFileSync(path)));
  } catch (error) {
    throw new Error(
      `${path} holds no key (${error instanceof Error ? error.message : error}): restore it from a backup; without it agents do not know this server any more`,
    );
  }
}

function keyOf(key: KeyObject): ServerKey {
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
  return Object.freeze({
    publicKey,
    fingerprint: createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('base64url'),
    sign: (text: string) => sign(null, Buffer.from(text), key).toString('base64url'),
  });
}

function makeKey(path: string): ServerKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(fd, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameDurably(`${path}.new`, path);
  return keyOf(privateKey);
}

function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
