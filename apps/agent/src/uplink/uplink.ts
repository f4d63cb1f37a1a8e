import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '@netsonde/protocol';
import { fingerprintOf } from '../identity/key-file.ts';
import type { Kept } from '../spool/spool-core.ts';
import { SessionRejected, WrongServer } from './handshake.ts';
import { ServerSession, type SessionParts } from './session.ts';
import type { Way } from './way.ts';

/** What the uplink needs. */
export interface UplinkParts extends SessionParts {
  /** Closed by the uplink. */
  readonly way: Way;
  readonly random: () => number;
  /** Longest wait between two attempts, ms; undefined: half a minute. */
  readonly longestWaitMs: number | undefined;
}

/** Why the uplink gave up permanently. */
export interface UplinkEnd {
  readonly reason: string;
}

/** Keeps a session with the server: dials, authenticates, sends, and reconnects after each end. */
export class Uplink {
  readonly #parts: UplinkParts;
  readonly #stop = new AbortController();
  #session: ServerSession | null = null;
  #lastProblem = '';
  #closing = false;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  /** Resolves with the reason when a new attempt is of no use, or with null after `close`. */
  async run(): Promise<UplinkEnd | null> {
    let failures = 0;
    while (!this.#closing) {
      const began = this.#parts.clock.monotonicMs();
      const end = await this.#once();
      if (this.#closing) return null;
      if (end.fatal) {
        await this.#parts.way.close();
        return { reason: end.problem };
      }
      if (!this.#parts.way.backsOff) {
        this.#tell(`${end.problem}; ${this.#meanwhile()} and waits for the server`);
        continue;
      }
      failures = end.welcomed && this.#parts.clock.monotonicMs() - began > 30_000 ? 1 : failures + 1;
      const wait = backoffMs(failures, this.#parts.random, this.#parts.longestWaitMs);
      this.#tell(`${end.problem}; ${this.#meanwhile()} and tries again`, ` in ${(wait / 1000).toFixed(1)} s`);
      const { signal } = this.#stop;
      // Where it is cut short, it fails, and the loop ends.
      await pause(wait, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
    return null;
  }

  kept(records: readonly Kept[]): void {
    this.#session?.kept(records);
  }

  /** Where the agent listens for its server, as host:port; null where it dials. */
  get listens(): string | null {
    return this.#parts.way.backsOff ? null : this.#parts.way.text;
  }

  /** True while a session with a server is open. */
  get connected(): boolean {
    return this.#session !== null;
  }

  progress(check: number, target: number, at: number, line: string): void {
    this.#session?.progress(check, target, at, line);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const session = this.#session;
    this.#session = null;
    await session?.bye('the agent is shutting down');
    this.#stop.abort();
    await this.#parts.way.close();
  }

  async #once(): Promise<{ problem: string; fatal: boolean; welcomed: boolean }> {
    const { way, identity, memory, log } = this.#parts;
    let welcomed = false;
    try {
      const { dialled, proved } = await way.next(this.#stop.signal);
      const hangUp = () => dialled.socket.terminate();
      this.#stop.signal.addEventListener('abort', hangUp);
      if (this.#closing) hangUp();
      try {
        const { agentId, name } = proved.welcome;
        identity.pin(agentId, identity.server?.fingerprints ?? [fingerprintOf(proved.transcript.serverKey)]);
        memory.met(proved.welcome.incarnation);
        log.info(`connected to ${way.text} as agent ${agentId} (${name})`);
        this.#lastProblem = '';
        welcomed = true;
        const session = new ServerSession(dialled, proved, this.#parts);
        this.#session = session;
        way.onReconnect(() => session.replaced());
        return await session.run();
      } finally {
        this.#session = null;
        way.onReconnect(null);
        this.#stop.signal.removeEventListener('abort', hangUp);
        hangUp();
      }
    } catch (error) {
      const enrolled = identity.server !== null;
      return {
        problem: error instanceof Error ? error.message : String(error),
        fatal: isFatal(error, enrolled),
        welcomed,
      };
    }
  }

  /** What the agent does while it has no server. Before it is enrolled, it has no assignment. */
  #meanwhile(): string {
    const enrolled = this.#parts.identity.server !== null;
    return enrolled ? 'the agent goes on measuring' : 'the agent is not enrolled yet, so that it measures nothing,';
  }

  /** Logs a lasting problem once, and again only when it changes. */
  #tell(problem: string, when = ''): void {
    const { log } = this.#parts;
    if (problem === this.#lastProblem) log.debug(problem + when);
    else log.warn(problem + when);
    this.#lastProblem = problem;
  }
}

/** A far end that merely answers at the server's address cannot end an enrolled agent: it continues to measure. */
function isFatal(error: unknown, enrolled: boolean): boolean {
  if (error instanceof SessionRejected) return !error.retry;
  return error instanceof WrongServer && !enrolled;
}
