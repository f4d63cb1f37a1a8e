import type { ServerKeyState } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { agentsWithout } from './agent-keys.ts';
import type { ServerKeys } from './server-key.ts';

export interface KeyRotationParts {
  readonly db: Kysely<ConfigSchema>;
  readonly keys: ServerKeys;
  /** Sends the server's keys to the agents. */
  readonly tell: () => void;
}

/** Replaces the server's key: agents learn the new key before the old one is deleted. */
export class KeyRotation {
  readonly #parts: KeyRotationParts;

  constructor(parts: KeyRotationParts) {
    this.#parts = parts;
  }

  async state(): Promise<ServerKeyState> {
    const { db, keys } = this.#parts;
    const { fingerprint } = keys.newest;
    const former = keys.all[1]?.fingerprint ?? null;
    const waiting = former === null ? [] : await agentsWithout(db, fingerprint);
    return { fingerprint, former, waiting: [...waiting] };
  }

  /** Creates the new key and sends it to the agents. false: there is one already. */
  begin(): boolean {
    const begun = this.#parts.keys.begin();
    if (begun) this.#parts.tell();
    return begun;
  }

  /** Deletes the old key. 'waiting': nothing is deleted, since some agents do not know the new key yet. */
  async finish(evenIfWaiting: boolean): Promise<'done' | 'waiting' | 'none'> {
    const { former, waiting } = await this.state();
    if (former === null) return 'none';
    if (waiting.length > 0 && !evenIfWaiting) return 'waiting';
    if (!this.#parts.keys.finish()) return 'none';
    this.#parts.tell();
    return 'done';
  }
}
