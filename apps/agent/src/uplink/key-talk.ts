import { type AgentMessage, type ServerMessage, signedText, type Transcript } from '@netsonde/protocol';
import type { AgentIdentity } from '../identity/agent-identity.ts';
import { fingerprintOf } from '../identity/key-file.ts';

export interface KeyTalkParts {
  readonly identity: AgentIdentity;
  readonly transcript: Transcript;
  readonly send: (message: AgentMessage) => void;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/**
 * How agent and server exchange new keys during a session. A side makes each new key durable before the far end learns
 * that it may rely on it. It drops the old key only when the far end has confirmed that the new one is durable there.
 * So both still know each other, whichever side is killed at any time.
 */
export class KeyTalk {
  readonly #parts: KeyTalkParts;

  constructor(parts: KeyTalkParts) {
    this.#parts = parts;
  }

  /** Sends a key again that was made before and that the server has not confirmed. */
  begin(): void {
    if (this.#parts.identity.next !== null) this.#tellNext();
  }

  /** The server has these keys from now on. The key that it has just proved must be among them. */
  serverKeys({ fingerprints }: Extract<ServerMessage, { type: 'server_keys' }>): void {
    const { identity, transcript, send, log } = this.#parts;
    const agentId = identity.server?.agentId;
    if (agentId === undefined) return;
    if (!fingerprints.includes(fingerprintOf(transcript.serverKey))) {
      log.warn('the server gives up the key that it has just proved: nothing is changed here until it proves another');
      return;
    }
    this.#durably('the server’s new key', () => identity.pin(agentId, fingerprints));
    if (fingerprints.every((one) => identity.server?.fingerprints.includes(one)))
      send({ type: 'pinned', fingerprints: [...(identity.server?.fingerprints ?? [])] });
  }

  /** An administrator requests a new key for this agent. */
  rotate(): void {
    this.#durably('a new key of this agent', () => this.#parts.identity.makeNext());
    this.begin();
  }

  /** The server knows the new key. */
  rekeyed({ agentKey }: Extract<ServerMessage, { type: 'rekeyed' }>): void {
    const { identity, log } = this.#parts;
    if (identity.next?.publicKey !== agentKey) return;
    this.#durably('the new key of this agent', () => identity.takeNext());
    if (identity.publicKey === agentKey) log.info('this agent has a new key; the server gives up the old one');
  }

  #tellNext(): void {
    const { identity, transcript, send } = this.#parts;
    const key = identity.makeNext();
    const text = signedText('rekey', { ...transcript, agentKey: key.publicKey });
    send({ type: 'rekey', agentKey: key.publicKey, signature: key.sign(text) });
  }

  /** A disk that accepts no writes leaves the keys as they are; the next session tries again. */
  #durably(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#parts.log.warn(
        `${what} could not be written down (${error instanceof Error ? error.message : error}): free the disk; the old one stays in use`,
      );
    }
  }
}
