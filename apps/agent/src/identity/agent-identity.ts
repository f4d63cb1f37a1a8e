import { join } from 'node:path';
import { renameDurably } from '../files/write-durably.ts';
import { type AgentKey, makeKey, readKey } from './key-file.ts';
import { type KnownServer, keepKnownServer, readKnownServer } from './known-server.ts';

/** The agent's identity: its own key pair, and the server that it was enrolled with. */
export interface AgentIdentity extends AgentKey {
  /** null before the first welcome. */
  readonly server: KnownServer | null;
  /** Accepts from now on only a server that proves one of these keys. The change is durable. */
  pin(agentId: number, fingerprints: readonly string[]): void;
  /** The key that replaces the present one once the server knows it; null where there is none. */
  readonly next: AgentKey | null;
  /** Makes the next key, durably, where there is none yet. */
  makeNext(): AgentKey;
  /** Replaces the present key by the next one, durably, once the server knows it. */
  takeNext(): void;
}

const KEY_FILE = 'agent-key.pem';
const SERVER_FILE = 'server.json';

/**
 * Public key (base64url) of the agent of this data folder; null where none was made yet. @throws Error that names the
 * file.
 */
export function agentKeyIn(folder: string): string | null {
  return readKey(join(folder, KEY_FILE))?.publicKey ?? null;
}

/**
 * Keys (SHA-256, base64url) of the server that this data folder belongs to; null where it has no server yet. @throws
 * Error that names the file.
 */
export function serverKeysIn(folder: string): readonly string[] | null {
  return readKnownServer(join(folder, SERVER_FILE))?.fingerprints ?? null;
}

/**
 * Makes the agent of this data folder accept only these keys of its server from now on, durably. For the agent on the
 * server's own host, while it does not run.
 */
export function acceptServerKeys(folder: string, fingerprints: readonly string[]): void {
  const path = join(folder, SERVER_FILE);
  const known = readKnownServer(path);
  if (known !== null) keepKnownServer(path, known, known.agentId, fingerprints);
}

/** Reads the identity in the data folder. At the first start it makes a key pair. @throws Error that names the file. */
export function openIdentity(folder: string): AgentIdentity {
  const keyPath = join(folder, KEY_FILE);
  const nextPath = join(folder, 'agent-key.next.pem');
  const serverPath = join(folder, SERVER_FILE);
  let key = readKey(keyPath) ?? makeKey(keyPath);
  let next = readKey(nextPath);
  let server = readKnownServer(serverPath);
  return {
    get publicKey() {
      return key.publicKey;
    },
    sign: (text) => key.sign(text),
    get server() {
      return server;
    },
    pin(agentId, fingerprints) {
      server = keepKnownServer(serverPath, server, agentId, fingerprints);
    },
    get next() {
      return next;
    },
    makeNext() {
      next ??= makeKey(nextPath);
      return next;
    },
    takeNext() {
      if (next === null) return;
      renameDurably(nextPath, keyPath);
      key = next;
      next = null;
    },
  };
}
