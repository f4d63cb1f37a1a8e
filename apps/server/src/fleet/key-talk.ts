import type { AgentMessage, ServerMessage, Transcript } from '@netsonde/protocol';
import { notePinned, takeNewKey } from './agent-keys.ts';
import type { FleetParts } from './ports.ts';
import { agentProved } from './prove.ts';
import { badMessage } from './rejection.ts';
import type { ServerKeys } from './server-key.ts';

/** The session and the agent that exchange messages about keys. */
export interface KeyTalkParts {
  readonly fleet: Pick<FleetParts, 'db' | 'log'>;
  readonly keys: ServerKeys;
  readonly agent: number;
  readonly transcript: Transcript;
  /** null: the agent does not know these messages. */
  readonly pins: readonly string[] | null;
  readonly send: (message: ServerMessage) => void;
}

/** A session's exchange about the keys of both sides. It answers only once the change is durable. */
export class KeyTalk {
  readonly #parts: KeyTalkParts;
  #pins: readonly string[] | null;

  constructor(parts: KeyTalkParts) {
    this.#parts = parts;
    this.#pins = parts.pins;
  }

  /** Sends the server's keys to the agent if it does not know exactly these. */
  tellServerKeys(): void {
    const { keys, send } = this.#parts;
    const fingerprints = keys.all.map(({ fingerprint }) => fingerprint);
    if (this.#pins === null || sameList(this.#pins, fingerprints)) return;
    send({ type: 'server_keys', fingerprints });
  }

  /** Asks the agent to create a new key. false: it is too old for that. */
  askRotate(): boolean {
    if (this.#pins === null) return false;
    this.#parts.send({ type: 'rotate_key' });
    return true;
  }

  async pinned({ fingerprints }: Extract<AgentMessage, { type: 'pinned' }>): Promise<void> {
    const { fleet, keys, agent } = this.#parts;
    this.#pins = fingerprints;
    const { fingerprint } = keys.newest;
    if (fingerprints.includes(fingerprint)) await notePinned(fleet.db, agent, fingerprint);
  }

  async rekey({ agentKey, signature }: Extract<AgentMessage, { type: 'rekey' }>): Promise<void> {
    const { fleet, agent, transcript, send } = this.#parts;
    if (!agentProved('rekey', { ...transcript, agentKey }, signature))
      throw badMessage('the agent did not prove its new key');
    await takeNewKey(fleet.db, agent, transcript.agentKey, agentKey);
    fleet.log.info(`agent ${agent} has a new key`);
    send({ type: 'rekeyed', agentKey });
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
