import type { AgentMessage, ServerMessage, Transcript } from '@netsonde/protocol';
import { notePinned, takeNewKey } from './agent-keys.ts';
import type { FleetParts } from './ports.ts';
import { agentProved } from './prove.ts';
import { badMessage } from './rejection.ts';
import type { ServerKeys } from './server-key.ts';

/** Who talks about keys with whom. */
export interface KeyTalkParts {
  readonly fleet: Pick<FleetParts, 'db' | 'log'>;
  readonly keys: ServerKeys;
  readonly agent: number;
  readonly transcript: Transcript;
  /** null: the agent does not know these messages. */
  readonly pins: readonly string[] | null;
  readonly send: (message: ServerMessage) => void;
}

/** What a session says of the keys of both sides. What is answered is durable before. */
export class KeyTalk {
  readonly #parts: KeyTalkParts;
  #pins: readonly string[] | null;

  constructor(parts: KeyTalkParts) {
    this.#parts = parts;
    this.#pins = parts.pins;
  }

  /** Tells the agent which keys the server has, where it does not know exactly these. */
  tellServerKeys(): void {
    const { keys, send } = this.#parts;
    const fingerprints = keys.all.map(({ fingerprint }) => fingerprint);
    if (this.#pins === null || sameList(this.#pins, fingerprints)) return;
    send({ type: 'server_keys', fingerprints });
  }

  /** Asks the agent to take a new key. false: it is too old to know how. */
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
