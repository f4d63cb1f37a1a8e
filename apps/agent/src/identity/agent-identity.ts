import { join } from 'node:path';
import { renameDurably } from '../files/write-durably.ts';
import { type AgentKey, makeKey, readKey } from './key-file.ts';
import { type KnownServer, keepKnownServer, readKnownServer } from './known-server.ts';

/** Who this agent is: a key pair of its own, and the server that it was enrolled with. */
export interface AgentIdentity extends AgentKey {
  /** null before the first welcome. */
  readonly server: KnownServer | null;
  /** From now on accepts a server that proves one of these keys and no other, durably. */
  pin(agentId: number, fingerprints: readonly string[]): void;
  /** The key that takes the present one's place once the server knows it; null: none does. */
  readonly next: AgentKey | null;
  /** Makes that key, durably, where there is none yet. */
  makeNext(): AgentKey;
  /** The server knows the next key: it takes the present one's place, durably. */
  takeNext(): void;
}

const KEY_FILE = 'agent-key.pem';
const SERVER_FILE = 'server.json';

/** Public key (base64url) of the agent whose data folder this is; null: none has been made yet. @throws Error that names the file. */
export function agentKeyIn(folder: string): string | null {
  return readKey(join(folder, KEY_FILE))?.publicKey ?? null;
}

/** Keys (SHA-256, base64url) of the server that this data folder belongs to; null: of none yet. @throws Error that names the file. */
export function serverKeysIn(folder: string): readonly string[] | null {
  return readKnownServer(join(folder, SERVER_FILE))?.fingerprints ?? null;
}

/**
 * The agent of this data folder, which belongs to a server, accepts these keys of it from now on and no others, durably.
 * For the agent that a server's own host keeps, while it does not run.
 */
export function acceptServerKeys(folder: string, fingerprints: readonly string[]): void {
  const path = join(folder, SERVER_FILE);
  const known = readKnownServer(path);
  if (known !== null) keepKnownServer(path, known, known.agentId, fingerprints);
}

/** Reads the identity kept in the data folder, making a key pair at the first start. @throws Error that names the file. */
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
