import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  MAX_FRAME_BYTES,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  readPeerVersion,
  SERVER_HEADER,
  versionFault,
} from '@netsonde/protocol';
import type { Agent } from '@netsonde/protocol/api';
import { type WebSocket, WebSocketServer } from 'ws';
import { PacedQueue } from '../pace.ts';
import { acceptMove, noteClone } from './agent-keys.ts';
import { ArrivalBook } from './arrival-book.ts';
import { bindingOf } from './binding.ts';
import type { Status } from './conversation.ts';
import type { FleetParts, SharedParts } from './ports.ts';
import { RefusalLog } from './refusal-log.ts';
import { markRevoked } from './register.ts';
import { SessionRejection, SHUTTING_DOWN } from './rejection.ts';
import { SeenBook } from './seen-book.ts';
import { openServerKeys, type ServerKeys } from './server-key.ts';
import { AgentSession } from './session.ts';
import type { MeasuredOffset } from './session-clock.ts';
import { StrangerLog } from './stranger-log.ts';
import { Strangers } from './strangers.ts';

/** The current state of an agent's session. */
export interface LiveAgent {
  /** Whether the agent runs exactly its assignment. */
  readonly inStep: boolean;
  /** When its session began, epoch ms. */
  readonly connectedMs: number;
  /** When the agent was last heard from, epoch ms. */
  readonly lastHeardMs: number;
  /** Whether the agent has been silent for two heartbeats. */
  readonly silent: boolean;
  /** The last measurement of its clock minus the server's in this session. null: none yet. */
  readonly clock: MeasuredOffset | null;
  readonly spool: Agent['spool'];
  readonly loopDelayP99Ms: number | null;
  /** What the agent itself knows of the time. null: it did not say. */
  readonly ownClock: NonNullable<Status['clock']> | null;
  /** Runs in progress. null before the first status. */
  readonly running: number | null;
}

/** Time limit for an earlier session of the same agent to prove that it is alive, ms. */
const ALIVE_MS = 2000;
const MISDIRECTED = 'HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
const YEAR_10000_MS = Date.UTC(10_000, 0);

/** The sessions of all agents. */
export class Fleet {
  readonly #parts: SharedParts;
  readonly keys: ServerKeys;
  readonly #upgrader = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  readonly #open = new Set<AgentSession>();
  readonly #byAgent = new Map<number, AgentSession>();
  readonly #agentOf = new Map<AgentSession, number>();
  readonly #strangers = new Strangers();
  readonly #strangerLog: StrangerLog;
  readonly #seen: SeenBook;
  readonly #arrivals: ArrivalBook;
  /** Queued session work, since many agents may connect at once. */
  readonly #turns = new PacedQueue();
  /** Agents whose assignment has changed and is not sent yet. */
  readonly #toAssign = new Set<number>();
  /** Sessions with listening agents. An agent may be entered at two addresses. */
  readonly #dialled = new WeakSet<AgentSession>();
  #closed = false;

  constructor(parts: FleetParts) {
    this.#parts = { ...parts, refusals: new RefusalLog(parts.log) };
    this.keys = openServerKeys(parts.dataFolder);
    this.#strangerLog = new StrangerLog(parts.log);
    this.#arrivals = new ArrivalBook(parts.db);
    this.#seen = new SeenBook({ db: parts.db, failed: (agents, error) => this.#notWritten(agents, error) });
    this.#upgrader.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}`));
  }

  /** SHA-256 of the server's newest public key, base64url. Enrolment tokens pin it. */
  get serverFingerprint(): string {
    return this.keys.newest.fingerprint;
  }

  /** Upgrades an HTTP request to a session. `address`: the client's address behind a proxy. */
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    address = request.socket.remoteAddress ?? '',
  ): void {
    // Another server has dialled this one as an agent.
    if (request.headers[SERVER_HEADER] !== undefined) {
      socket.end(MISDIRECTED, () => socket.destroy());
      return;
    }
    const fault = versionFault(readPeerVersion(request.headers[PROTOCOL_HEADER]), 'agent');
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      const session = this.accept(webSocket, address, bindingOf(request));
      if (fault !== null) session.reject(new SessionRejection('protocol_version', fault, true));
    });
  }

  /**
   * Begins a session on a WebSocket. `binding` is the TLS exporter's value, '' if this server does not terminate TLS.
   * @param entered for an agent that this server dialled: called once it has proved its identity
   */
  accept(socket: WebSocket, address: string, binding: string, entered?: (agent: number) => void): AgentSession {
    const { now } = this.#parts;
    const session = new AgentSession(socket, address, binding, this.#parts, this.keys, {
      enter: async (one, agent) => {
        await this.#enter(one, agent);
        entered?.(agent);
      },
      left: (one) => this.#left(one),
      silenceChanged: (one) => this.#silenceChanged(one),
      proved: (one) => this.#strangers.delete(one),
      arrived: (known, arrival) => this.#arrivals.note(known, arrival),
      seen: (agent, clock) => this.#seen.note(agent, now(), clock),
      inTurn: (job) => this.#turns.run(job),
      warnOfStranger: (from, code, message) => this.#strangerLog.warn(from, code, message),
      copied: (key, copy) => this.#copied(key, copy),
    });
    this.#open.add(session);
    if (entered !== undefined) this.#dialled.add(session);
    if (this.#closed) session.reject(shuttingDown());
    else this.#strangers.add(session);
    return session;
  }

  /** Ids of agents with a session. */
  online(): Set<number> {
    return new Set(this.#byAgent.keys());
  }

  /** undefined: the agent has no session. */
  live(agent: number): LiveAgent | undefined {
    const session = this.#byAgent.get(agent);
    if (session === undefined) return undefined;
    const { status, inStep, silentMs, openedMs, isSilent: silent, clockOffset: clock } = session;
    const nowMs = this.#parts.now();
    const heard = {
      inStep,
      connectedMs: nowMs - (performance.now() - openedMs),
      lastHeardMs: nowMs - silentMs,
      silent,
      clock,
    };
    if (status === null) return { ...heard, spool: null, loopDelayP99Ms: null, running: null, ownClock: null };
    const { records, bytes, oldestAt, dropped } = status.spool;
    const spool = { records, bytes, dropped, oldestAt: isoTime(oldestAt) };
    const { loopDelayP99Ms, running, clock: ownClock = null } = status;
    return { ...heard, spool, loopDelayP99Ms, running, ownClock };
  }

  /** Revokes an agent: ends its session and refuses its key from now on. */
  async revoke(agent: number): Promise<void> {
    await markRevoked(this.#parts.db, agent, this.#parts.now());
    this.#byAgent
      .get(agent)
      ?.reject(new SessionRejection('revoked', 'this agent was revoked by an administrator', false));
    this.#publish(agent, 'revoked');
  }

  /** The host that was rejected as a copy is the agent from now on. false: no such host is waiting. */
  async acceptMove(agent: number): Promise<boolean> {
    if (!(await acceptMove(this.#parts.db, agent))) return false;
    this.#byAgent
      .get(agent)
      ?.reject(
        new SessionRejection('replaced', 'an administrator says that this agent was moved to another host', true),
      );
    this.#publish(agent, 'offline');
    return true;
  }

  /** Sends the server's keys to all agents. Agents without a session receive them when they connect. */
  tellServerKeys(): void {
    for (const session of this.#byAgent.values()) session.keyTalk?.tellServerKeys();
  }

  /** Asks an agent to create a new key. false: it has no session, or is too old for that. */
  rotateAgentKey(agent: number): boolean {
    return this.#byAgent.get(agent)?.keyTalk?.askRotate() ?? false;
  }

  /** When an agent without a session was last heard from, epoch ms. undefined: the database has the value. */
  lastSeenMs(agent: number): number | undefined {
    return this.#seen.lastMs(agent);
  }

  /** Queues a changed assignment to be sent to its agent. */
  assignmentChanged(agent: number): void {
    if (!this.#byAgent.has(agent) || this.#toAssign.has(agent)) return;
    this.#toAssign.add(agent);
    this.#turns.run(() => {
      this.#toAssign.delete(agent);
      this.#byAgent.get(agent)?.assign();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#open]) session.reject(shuttingDown());
    this.#strangerLog.summarize();
    await this.#seen.write();
    await new Promise<void>((resolve) => this.#upgrader.close(() => resolve()));
  }

  /** An agent has one session. If an earlier one still answers, the new client is a copy of the agent. */
  async #enter(session: AgentSession, agent: number): Promise<void> {
    const other = () => {
      const current = this.#byAgent.get(agent);
      return current === session ? undefined : current;
    };
    for (let earlier = other(); earlier !== undefined; earlier = other()) {
      const alive = await earlier.answers(ALIVE_MS);
      if (!this.#open.has(session)) break;
      if (alive && this.#dialled.has(session) && earlier.epoch === session.epoch) throw alreadyHere(earlier.address);
      if (alive)
        throw new SessionRejection(
          'cloned',
          `an agent with the same key is connected from ${earlier.address}: the data folder was copied; enrol this host with a new token and an empty --data folder`,
          false,
        );
      earlier.reject(replaced());
      if (this.#byAgent.get(agent) === earlier) this.#byAgent.delete(agent);
    }
    if (!this.#open.has(session)) throw replaced();
    this.#byAgent.set(agent, session);
    this.#agentOf.set(session, agent);
    this.#publish(agent, 'online');
  }

  #left(session: AgentSession): void {
    this.#open.delete(session);
    this.#strangers.delete(session);
    const agent = this.#agentOf.get(session);
    this.#agentOf.delete(session);
    if (agent !== undefined && this.#byAgent.get(agent) === session) this.#offline(agent, session);
  }

  #offline(agent: number, { silentMs, clockOffset }: AgentSession): void {
    const { planning, now, log } = this.#parts;
    this.#byAgent.delete(agent);
    log.info(`agent ${agent} is offline`);
    this.#publish(agent, 'offline');
    planning.agentChanged({ id: agent, offlineSinceMs: now() });
    this.#seen.note(agent, now() - silentMs, clockOffset);
  }

  /** A silent agent is shown as offline at once, although its session is open. */
  #silenceChanged(session: AgentSession): void {
    const agent = this.#agentOf.get(session);
    if (agent !== undefined) this.#publish(agent, session.isSilent ? 'offline' : 'online');
  }

  /** The configuration cannot be written: the sessions concerned end, and their agents keep their results. */
  #notWritten(agents: readonly number[], error: unknown): void {
    for (const agent of agents) {
      const session = this.#byAgent.get(agent);
      if (session === undefined) this.#parts.log.error(`agent ${agent}: ${String(error)}`);
      else session.fail(error);
    }
  }

  /** Records where a copy of an agent was rejected, so that administrators see both. */
  #copied(agentKey: string, copy: Parameters<typeof noteClone>[2]): void {
    const { db, now, log } = this.#parts;
    noteClone(db, agentKey, copy, now()).then(
      (agent) => {
        if (agent !== undefined) this.#publish(agent, this.#byAgent.has(agent) ? 'online' : 'offline');
      },
      (error: unknown) => log.error(`a copy of an agent could not be noted: ${String(error)}`),
    );
  }

  /** Publishes the new state of an agent. */
  #publish(agent: number, status: Agent['status']): void {
    this.#parts.audience.publish('agent', { id: agent, status }, { test: null, agent });
  }
}

/** ISO 8601 in UTC. null: the agent sent no instant, or one outside the years 1970 to 9999. */
function isoTime(ms: number | null): string | null {
  return ms === null || ms < 0 || ms >= YEAR_10000_MS ? null : new Date(ms).toISOString();
}

const alreadyHere = (address: string) =>
  new SessionRejection('replaced', `this very agent has a session from ${address} already`, true);
const replaced = () => new SessionRejection('replaced', 'a newer session of this agent took its place', true);
const shuttingDown = () => new SessionRejection('shutting_down', SHUTTING_DOWN, true);
