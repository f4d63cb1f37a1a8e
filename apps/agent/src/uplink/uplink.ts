import type { AgentCapability, AgentSystem, EnrolmentToken } from '@netsonde/protocol';
import type { AgentIdentity } from '../identity/agent-identity.ts';
import type { AgentLog } from '../log.ts';
import type { Kept } from '../spool/spool-core.ts';
import { backoffMs } from './backoff.ts';
import { dial } from './dial.ts';
import { handshake, SessionRejected, WrongServer } from './handshake.ts';
import type { ServerUrl } from './server-url.ts';
import { Session, type SessionParts } from './session.ts';

/** What the uplink is made of. */
export interface UplinkParts extends Omit<SessionParts, 'log'> {
  readonly server: ServerUrl;
  readonly ca: string | null;
  readonly identity: AgentIdentity;
  readonly token: EnrolmentToken | null;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly system: AgentSystem;
  readonly capabilities: () => readonly AgentCapability[];
  readonly assignmentHash: () => string | null;
  readonly log: AgentLog;
  readonly random: () => number;
  /** Longest wait between two attempts, ms; undefined: half a minute. */
  readonly longestWaitMs: number | undefined;
}

/** Why the uplink gave up for good. */
export interface UplinkEnd {
  readonly reason: string;
}

/** Keeps a session with the server: dials, proves, sends, and comes back after each end. */
export class Uplink {
  readonly #parts: UplinkParts;
  readonly #stop = new AbortController();
  #session: Session | null = null;
  #lastProblem = '';
  #closing = false;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
    const { server, log } = parts;
    if (!server.encrypted && !server.loopback)
      log.warn(
        `UNENCRYPTED: the session with ${server.text} can be read and changed by anyone on the way: give the server a certificate and write https:// in --server`,
      );
  }

  /** Resolves when trying again is of no use, with the reason, or with null after `close`. */
  async run(): Promise<UplinkEnd | null> {
    let failures = 0;
    while (!this.#closing) {
      const began = this.#parts.clock.monotonicMs();
      const end = await this.#once();
      if (this.#closing) return null;
      if (end.fatal) return { reason: end.problem };
      failures = end.welcomed && this.#parts.clock.monotonicMs() - began > 30_000 ? 1 : failures + 1;
      const wait = backoffMs(failures, this.#parts.random, this.#parts.longestWaitMs);
      this.#tell(end.problem, wait);
      await this.#pause(wait);
    }
    return null;
  }

  kept(records: readonly Kept[]): void {
    this.#session?.kept(records);
  }

  /** True while a server listens. */
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
  }

  async #once(): Promise<{ problem: string; fatal: boolean; welcomed: boolean }> {
    const { server, ca, identity, token, log } = this.#parts;
    let welcomed = false;
    try {
      const dialled = await dial(server, ca, this.#stop.signal);
      const hangUp = () => dialled.socket.terminate();
      this.#stop.signal.addEventListener('abort', hangUp);
      if (this.#closing) hangUp();
      try {
        const welcome = await handshake(dialled, this.#introduction());
        const fingerprint = identity.server?.fingerprint ?? token?.serverFingerprint ?? '';
        identity.pin({ fingerprint, agentId: welcome.agentId });
        log.info(`connected to ${server.text} as agent ${welcome.agentId} (${welcome.name})`);
        this.#lastProblem = '';
        welcomed = true;
        this.#session = new Session(dialled, welcome, this.#parts);
        return await this.#session.run();
      } finally {
        this.#session = null;
        this.#stop.signal.removeEventListener('abort', hangUp);
        hangUp();
      }
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error), fatal: isFatal(error), welcomed };
    }
  }

  #introduction() {
    const { identity, token, name, labels, spool, system } = this.#parts;
    const { capabilities, assignmentHash } = this.#parts;
    return {
      identity,
      token,
      name,
      labels,
      epoch: spool.epoch,
      assignmentHash: assignmentHash(),
      system,
      capabilities: capabilities(),
    };
  }

  /** A problem that lasts is said once, and then only when it changes. */
  #tell(problem: string, waitMs: number): void {
    const { log } = this.#parts;
    const text = `${problem}; the agent goes on measuring and tries again in ${(waitMs / 1000).toFixed(1)} s`;
    if (problem === this.#lastProblem) log.debug(text);
    else log.warn(text);
    this.#lastProblem = problem;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

function isFatal(error: unknown): boolean {
  if (error instanceof SessionRejected) return !error.retry;
  return error instanceof WrongServer;
}
