import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@netsonde/protocol';
import type { AgentSession } from '../session.ts';
import type { AgentPlace } from './agent-place.ts';
import { type AgentConnection, dialAgent } from './dial-agent.ts';

export interface AgentDialerParts {
  readonly place: AgentPlace;
  /** Fingerprints of the keys that this server can prove. */
  readonly fingerprints: () => readonly string[];
  /** Begins a session. `entered` is called once the agent has proved its identity. */
  readonly accept: (connection: AgentConnection, entered: (agent: number) => void) => AgentSession;
  readonly entered: (agent: number) => void;
  /** Called with the message of each failure. */
  readonly failed: (why: string) => void;
  readonly random: () => number;
  /** Longest wait between two attempts, ms. undefined: 30 s. */
  readonly longestWaitMs: number | undefined;
}

/** After a session of at least this length, ms, the next attempt starts at once. */
const LASTING_MS = 30_000;

/** Keeps a session with one listening agent: dials, and redials with back-off after each end. */
export class AgentDialer {
  readonly #parts: AgentDialerParts;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #state: 'connected' | 'dialling' | 'waiting' = 'waiting';

  constructor(parts: AgentDialerParts) {
    this.#parts = parts;
    this.#ended = this.#run();
  }

  get state(): 'connected' | 'dialling' | 'waiting' {
    return this.#state;
  }

  /** Stops dialling and ends an open session. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      this.#state = 'dialling';
      const began = performance.now();
      const { entered, why } = await this.#once();
      this.#state = 'waiting';
      if (this.#stop.signal.aborted) return;
      this.#parts.failed(why);
      failures = entered && performance.now() - began > LASTING_MS ? 1 : failures + 1;
      const wait = backoffMs(failures, this.#parts.random, this.#parts.longestWaitMs);
      const { signal } = this.#stop;
      // An aborted attempt fails, and the loop ends.
      await pause(wait, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  async #once(): Promise<{ readonly entered: boolean; readonly why: string }> {
    const { place, fingerprints, accept } = this.#parts;
    const { signal } = this.#stop;
    let entered = false;
    const enter = (agent: number) => {
      entered = true;
      this.#state = 'connected';
      this.#parts.entered(agent);
    };
    try {
      let tell: (why: string) => void = () => {};
      const ended = new Promise<string>((resolve) => {
        tell = resolve;
      });
      await dialAgent(place, fingerprints(), signal, (connection) => {
        const session = accept(connection, enter);
        // A rejected session closes its connection after its last message has arrived.
        const hangUp = () => {
          if (session.rejection === null) connection.socket.terminate();
        };
        signal.addEventListener('abort', hangUp, { once: true });
        connection.socket.once('close', (code) => {
          signal.removeEventListener('abort', hangUp);
          tell(session.rejection?.message ?? closedWord(place, entered, code));
        });
      });
      return { why: await ended, entered };
    } catch (error) {
      return { why: error instanceof Error ? error.message : String(error), entered };
    }
  }
}

function closedWord({ url }: AgentPlace, entered: boolean, code: number): string {
  return entered
    ? `the connection with ${url} was closed (${code})`
    : `${url} closed the connection before it had proved its key (${code}): the agent's log says why`;
}
