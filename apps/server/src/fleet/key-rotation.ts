import type { ServerKeyState } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { agentsWithout } from './agent-keys.ts';
import type { ServerKeys } from './server-key.ts';

export interface KeyRotationParts {
  readonly db: Kysely<ConfigSchema>;
  readonly keys: ServerKeys;
  /** Tells the agents which keys there are. */
  readonly tell: () => void;
}

/** Puts a new key of the server in the old one's place: agents learn it before the old one is given up. */
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

  /** Makes the new key and tells it. false: there is one already. */
  begin(): boolean {
    const begun = this.#parts.keys.begin();
    if (begun) this.#parts.tell();
    return begun;
  }

  /** Gives up the old key. 'waiting': agents would not know this server any more, and nothing was done. */
  async finish(evenIfWaiting: boolean): Promise<'done' | 'waiting' | 'none'> {
    const { former, waiting } = await this.state();
    if (former === null) return 'none';
    if (waiting.length > 0 && !evenIfWaiting) return 'waiting';
    if (!this.#parts.keys.finish()) return 'none';
    this.#parts.tell();
    return 'done';
  }
}
