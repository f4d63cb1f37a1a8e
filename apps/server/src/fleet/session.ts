import { join } from 'node:path';
import type { BoundedOffset } from '@netsonde/metrics';
import { type AgentHost, type AgentMessage, type ServerMessage, signedText } from '@netsonde/protocol';
import type { WebSocket } from 'ws';
import { storeErrorOf } from '../store/store-error.ts';
import type { AgentRow } from './agent-row.ts';
import { answersPing } from './answers-ping.ts';
import { Conversation, type ConversationHost, type Status } from './conversation.ts';
import { FrameLimits, MAX_HANDSHAKE_FRAME_BYTES } from './frame-limits.ts';
import { type Challenged, challenge, checkProof } from './handshake.ts';
import type { KeyTalk } from './key-talk.ts';
import type { SharedParts } from './ports.ts';
import { readAgentMessage, type StoreFrame, storeFrame } from './read-agent-message.ts';
import { RecordIntake } from './record-intake.ts';
import { type Arrival, admit, type Proof } from './register.ts';
import { badMessage, SessionRejection, storeFault } from './rejection.ts';
import { selectingLabels } from './selecting-labels.ts';
import type { ServerKeys } from './server-key.ts';
import { type MeasuredOffset, SessionClock } from './session-clock.ts';
import { SilenceWatch } from './silence-watch.ts';
import { CREDITS, type Received, receivedThatFits } from './welcome.ts';

/** What a session needs from the rest of the fleet. */
export interface SessionHooks {
  /** Claims the one session that an agent may have. @throws SessionRejection if another session of it is alive. */
  enter(session: AgentSession, agent: number): Promise<void>;
  left(session: AgentSession): void;
  /** The agent has become silent, or is heard again. */
  silenceChanged(session: AgentSession): void;
  /** The peer has proved to be an agent that this server knows. */
  proved(session: AgentSession): void;
  /** Stores an agent's arrival and resolves once it is durable. @throws SessionRejection if the agent was revoked meanwhile. */
  arrived(known: AgentRow, arrival: Arrival): Promise<AgentRow>;
  /** Records that an agent was heard from now. @param clock null: no new clock measurement */
  seen(agent: number, clock: BoundedOffset | null): void;
  /** Queues a short job, since many agents may connect at once. */
  inTurn(job: () => void): void;
  /** Logs a message about a peer that has not proved to be an agent. */
  warnOfStranger(address: string, code: string, message: string): void;
  /** A client at `address` proved an agent's key and was rejected as a copy of it. */
  copied(agentKey: string, copy: { readonly address: string; readonly host: AgentHost | undefined }): void;
}

/** Time limit for both proofs, ms. */
const HANDSHAKE_MS = 20_000;
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** One agent's session, from its first frame to its end. */
export class AgentSession {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #binding: string;
  readonly #parts: SharedParts;
  readonly #keys: ServerKeys;
  readonly #hooks: SessionHooks;
  readonly #clock: SessionClock;
  /** By the monotonic clock, ms. */
  readonly openedMs = performance.now();
  readonly #intake: RecordIntake;
  readonly #silence: SilenceWatch;
  #challenged: Challenged | null = null;
  #state: 'hello' | 'proof' | 'admitting' | 'open' | 'ended' = 'hello';
  /** null before the welcome. */
  #talk: Conversation | null = null;
  #timer: NodeJS.Timeout;
  /** When the last message was received, by the monotonic clock: a stepped wall clock must not end sessions. */
  #heardMs: number;
  /** When the server last resumed reading after it had paused. The agent's silence counts from then on. */
  #resumedMs = 0;
  #epoch: number | null = null;
  #rejection: SessionRejection | null = null;
  readonly #limits = new FrameLimits(() => performance.now());

  constructor(
    socket: WebSocket,
    address: string,
    binding: string,
    parts: SharedParts,
    keys: ServerKeys,
    hooks: SessionHooks,
  ) {
    this.#socket = socket;
    this.address = address;
    this.#binding = binding;
    this.#parts = parts;
    this.#keys = keys;
    this.#hooks = hooks;
    this.#heardMs = performance.now();
    this.#clock = new SessionClock({ wallMs: parts.now, monotonicMs: () => performance.now() });
    this.#silence = new SilenceWatch({
      heartbeatMs: parts.heartbeatMs,
      unheardMs: () => this.#unheardMs(),
      changed: () => hooks.silenceChanged(this),
    });
    this.#intake = new RecordIntake(parts, {
      agent: () => this.#talk?.agent.id ?? 0,
      epoch: () => this.#epoch ?? 0,
      aheadMs: () => this.#talk?.aheadMs ?? 0,
      who: () => this.#who(),
      ended: () => this.#ended(),
      send: (message) => this.#send(message),
      failed: (error) => this.#failed(error),
      pause: () => this.#socket.pause(),
      resume: () => this.#goOn(),
    });
    this.#timer = setTimeout(
      () => this.reject(new SessionRejection('too_slow', 'the handshake took too long: try again', true)),
      HANDSHAKE_MS,
    );
    socket.on('message', (data, isBinary) => this.#heard(data as Buffer, isBinary));
    socket.on('pong', (payload: Buffer) => this.#clock.ponged(payload.toString('latin1')));
    socket.on('error', (error) => this.#warn('error', `session with ${this.#who()}: ${error.message}`));
    socket.on('close', (code, reason) => this.#closed(code, reason));
    parts.log.debug?.(`session with ${address} opens`);
  }

  /** The agent's last status. null: none received yet. */
  get status(): Status | null {
    return this.#talk?.status ?? null;
  }

  /** The last measurement of the agent's clock minus the server's. null: none yet. */
  get clockOffset(): MeasuredOffset | null {
    return this.#clock.offset;
  }

  /** Whether the agent runs exactly its assignment. */
  get inStep(): boolean {
    return this.#talk?.work.inStep ?? false;
  }

  /** Time since the last message, ms. */
  get silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  /** Whether nothing was received for two heartbeats although the server reads. */
  get isSilent(): boolean {
    return this.#silence.isSilent;
  }

  /** The agent's epoch of this session. null before its proof. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** Why this server ended the session. null: it did not. */
  get rejection(): SessionRejection | null {
    return this.#rejection;
  }

  /** The exchange about keys. null before the welcome. */
  get keyTalk(): KeyTalk | null {
    return this.#state === 'open' ? (this.#talk?.keys ?? null) : null;
  }

  /** Whether the peer answers a ping within `ms`. */
  answers(ms: number): Promise<boolean> {
    return answersPing(this.#socket, ms);
  }

  /** Sends the agent its assignment if that differs from what it runs or is about to run. */
  assign(): void {
    if (this.#state === 'open') this.#talk?.work.assign();
  }

  /** Ends the session for a fault of this server. */
  fail(error: unknown): void {
    this.#failed(error);
  }

  /** Ends the session and sends the agent the reason. */
  reject(rejection: SessionRejection): void {
    if (this.#state === 'ended') return;
    this.#rejection = rejection;
    const line = `session with ${this.#who()} ended: ${rejection.code}: ${rejection.message}`;
    if (rejection.code === 'store_fault') this.#parts.log.error(line);
    else this.#warn(rejection.code, line);
    this.#send({ type: 'rejected', code: rejection.code, message: rejection.message, retry: rejection.retry });
    this.#socket.close(1008, rejection.code);
    this.#end();
    setTimeout(() => this.#socket.terminate(), 2000).unref();
  }

  #heard(frame: Buffer, isBinary: boolean): void {
    this.#heardMs = performance.now();
    this.#silence.heard();
    if (this.#state === 'open') this.#receive(frame, isBinary);
    else if (this.#state !== 'ended') this.#hooks.inTurn(() => this.#receive(frame, isBinary));
  }

  #receive(frame: Buffer, isBinary: boolean): void {
    if (this.#state === 'ended') return;
    try {
      if (isBinary) throw badMessage('it is binary, not text');
      const forStore = this.#state === 'open' ? storeFrame(frame) : null;
      if (forStore !== null) this.#store(frame, forStore);
      else this.#read(frame);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Handles a frame that is not for the store. @throws SessionRejection */
  #read(frame: Buffer): void {
    if (this.#state !== 'open' && frame.length > MAX_HANDSHAKE_FRAME_BYTES)
      throw badMessage(`it has ${frame.length} bytes: ${MAX_HANDSHAKE_FRAME_BYTES} at most before the welcome`);
    const message = readAgentMessage(frame);
    if (message === null) {
      if (this.#state !== 'open') throw badMessage('its type is none that a session begins with');
      this.#limits.take('newer', frame.length);
    } else {
      if (message.type !== 'records' && message.type !== 'drops') this.#limits.take(message.type, frame.length);
      this.#take(message, frame);
    }
  }

  #store(frame: Buffer, what: StoreFrame): void {
    if (what.kind === 'drops') this.#limits.take('drops', frame.length);
    this.#intake.take(frame, what);
  }

  /** Time for which the server has been reading and received nothing, ms. */
  #unheardMs(): number {
    return this.#intake.paused ? 0 : performance.now() - Math.max(this.#heardMs, this.#resumedMs);
  }

  #goOn(): void {
    this.#resumedMs = performance.now();
    this.#socket.resume();
  }

  #failed(error: unknown): void {
    if (error instanceof SessionRejection) {
      this.reject(error);
      return;
    }
    const { log, dataFolder } = this.#parts;
    const fault = storeErrorOf(error, join(dataFolder, 'netsonde.db'));
    if (fault.code === 'internal')
      log.error(`session with ${this.#who()} failed: ${error instanceof Error ? error.stack : error}`);
    this.reject(storeFault(fault));
  }

  #take(message: AgentMessage, frame: Buffer): void {
    switch (this.#state) {
      case 'hello':
        this.#hello(message);
        return;
      case 'proof':
        this.#proof(message);
        return;
      case 'open':
        this.#talk?.take(message, frame);
        return;
      case 'admitting':
        throw badMessage(`"${message.type}" came before the welcome`);
      case 'ended':
    }
  }

  #hello(message: AgentMessage): void {
    const { challenged, answer } = challenge(message, this.#keys, this.#binding, this.#parts.now());
    this.#challenged = challenged;
    this.#state = 'proof';
    this.#send(answer);
  }

  #proof(message: AgentMessage): void {
    if (this.#challenged === null) throw badMessage('"hello" was due');
    const proof = checkProof(message, this.#challenged.transcript);
    this.#state = 'admitting';
    const { agentKey } = this.#challenged.transcript;
    this.#admit(proof, this.#challenged).catch((error: unknown) => {
      if (error instanceof SessionRejection && error.code === 'cloned')
        this.#hooks.copied(agentKey, { address: this.address, host: proof.host });
      this.#failed(error);
    });
  }

  async #admit(proof: Proof, challenged: Challenged): Promise<void> {
    const { transcript, serverKey } = challenged;
    const { db, now, store } = this.#parts;
    this.#epoch = proof.epoch;
    const enrolmentText = signedText('enrolment', transcript);
    const { agentKey } = transcript;
    const arrival = { agentKey, serverKey, proof, enrolmentText, address: this.address, nowMs: now() };
    const known = await admit(db, arrival);
    this.#hooks.proved(this);
    await this.#hooks.enter(this, known.id);
    const agent = await this.#hooks.arrived(known, arrival);
    const received = await store.received(agent.id);
    if (proof.known !== undefined)
      await this.#parts.incarnation?.witness({ name: agent.name, known: proof.known, received });
    this.#hooks.inTurn(() => {
      try {
        this.#open(agent, challenged, proof, received);
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #open(agent: AgentRow, challenged: Challenged, proof: Proof, held: Received): void {
    const { heartbeatMs, log, incarnation } = this.#parts;
    if (this.#ended()) {
      this.#hooks.left(this);
      return;
    }
    this.#talk = new Conversation(this.#host(), agent, challenged, proof.assignmentHash);
    this.#state = 'open';
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#beat(), heartbeatMs);
    this.#send({
      type: 'welcome',
      agentId: agent.id,
      name: agent.name,
      heartbeatMs,
      ...receivedThatFits(held),
      credits: CREDITS,
      ...(incarnation === undefined ? {} : { incarnation: incarnation.word }),
    });
    log.info(`${this.#who()} is online from ${this.address}`);
    this.#announce(agent, proof);
    this.#ping();
    this.#talk.keys.tellServerKeys();
    this.assign();
  }

  #announce(agent: AgentRow, { capabilities }: Proof): void {
    const { id, name } = agent;
    this.#parts.planning.agentChanged({
      id,
      name,
      labels: selectingLabels(agent),
      capabilities,
      offlineSinceMs: null,
    });
  }

  #host(): ConversationHost {
    return {
      fleet: this.#parts,
      keys: this.#keys,
      clock: this.#clock,
      address: this.address,
      send: (message) => this.#send(message),
      store: (frame, what) => this.#store(frame, what),
      hangUp: () => this.#socket.close(1000),
      failed: (error) => this.#failed(error),
      seen: (clock) => this.#hooks.seen(this.#talk?.agent.id ?? 0, clock),
    };
  }

  #beat(): void {
    if (this.#unheardMs() > 3 * this.#parts.heartbeatMs) {
      this.#parts.log.warn(`${this.#who()} has been silent for three heartbeats: its session is closed`);
      this.#socket.terminate();
      this.#end();
      return;
    }
    this.#silence.beat();
    this.#ping();
  }

  #ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(this.#clock.pinged());
  }

  #warn(code: string, line: string): void {
    if (this.#talk === null) this.#hooks.warnOfStranger(this.address, code, line);
    else this.#parts.log.warn(line);
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  #ended(): boolean {
    return this.#state === 'ended';
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearInterval(this.#timer);
    clearTimeout(this.#timer);
    this.#silence.end();
    this.#hooks.left(this);
  }

  #closed(code: number, reason: Buffer): void {
    const { log } = this.#parts;
    const why = reason.length === 0 ? '' : `, ${reason}`;
    const seconds = ((performance.now() - this.openedMs) / 1000).toFixed(1);
    log.debug?.(`session with ${this.#who()} is closed after ${seconds} s: ${code}${why}`);
    this.#end();
  }

  #who(): string {
    const agent = this.#talk?.agent;
    return agent === undefined ? this.address : `agent ${agent.id} (${agent.name})`;
  }
}
