import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type AgentMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
  signedText,
  type Transcript,
} from '@netsonde/protocol';
import type { WebSocket } from 'ws';
import { storeErrorOf } from '../store/store-error.ts';
import { assignmentHash, assignmentMessages } from './assignment-messages.ts';
import { AssignmentTrack } from './assignment-track.ts';
import type { FleetParts } from './ports.ts';
import { agentProved } from './prove.ts';
import { readAgentMessage, storeFrame } from './read-agent-message.ts';
import { RecordIntake } from './record-intake.ts';
import { type AgentRow, admit, noteArrival, noteSeen, type Proof } from './register.ts';
import { badMessage, SessionRejection, storeFault } from './rejection.ts';
import type { ServerKey } from './server-key.ts';
import { type ClockOffset, SessionClock } from './session-clock.ts';
import { CREDITS, receivedThatFits } from './welcome.ts';

type Status = Extract<AgentMessage, { type: 'status' }>;

/** How a session is tied to the rest of the fleet. */
export interface SessionHooks {
  /** Asks for the one session that an agent may have. @throws SessionRejection where another one of it is alive. */
  enter(session: Session, agent: number): Promise<void>;
  left(session: Session): void;
}

/** Both proofs must be there in this time, ms. */
const HANDSHAKE_MS = 20_000;
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** One agent's session, from its first frame to its end. */
export class Session {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #binding: string;
  readonly #parts: FleetParts;
  readonly #key: ServerKey;
  readonly #hooks: SessionHooks;
  readonly #clock = new SessionClock();
  readonly #intake: RecordIntake;
  #transcript: Transcript | null = null;
  #state: 'hello' | 'proof' | 'admitting' | 'open' | 'ended' = 'hello';
  #agent: AgentRow | null = null;
  #timer: NodeJS.Timeout;
  /** By the monotonic clock: a stepped wall clock must not end sessions. */
  #heardMs: number;
  #track = new AssignmentTrack(null);
  #toldAgain = false;
  #status: Status | null = null;
  #offset: ClockOffset | null = null;

  constructor(
    socket: WebSocket,
    address: string,
    binding: string,
    parts: FleetParts,
    key: ServerKey,
    hooks: SessionHooks,
  ) {
    this.#socket = socket;
    this.address = address;
    this.#binding = binding;
    this.#parts = parts;
    this.#key = key;
    this.#hooks = hooks;
    this.#heardMs = performance.now();
    this.#intake = new RecordIntake(parts, {
      agent: () => this.#agent?.id ?? 0,
      who: () => this.#who(),
      ended: () => this.#ended(),
      send: (message) => this.#send(message),
      failed: (error) => this.#failed(error),
    });
    this.#timer = setTimeout(
      () => this.reject(new SessionRejection('too_slow', 'the handshake took too long: try again', true)),
      HANDSHAKE_MS,
    );
    socket.on('message', (data, isBinary) => this.#heard(data as Buffer, isBinary));
    socket.on('pong', () => this.#clock.ponged());
    socket.on('error', (error) => parts.log.warn(`session with ${this.#who()}: ${error.message}`));
    socket.on('close', () => this.#end());
  }

  /** The agent's id; null before it is admitted. */
  get agent(): number | null {
    return this.#agent?.id ?? null;
  }

  /** What the agent said last of itself; null before it has. */
  get status(): Status | null {
    return this.#status;
  }

  /** Whether the agent runs exactly what it should. */
  get inStep(): boolean {
    return this.#track.inStep;
  }

  /** True if the far end still answers, within `ms`. */
  answers(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (alive: boolean) => {
        clearTimeout(timer);
        this.#socket.off('pong', onPong);
        this.#socket.off('close', onClose);
        resolve(alive);
      };
      const onPong = () => done(true);
      const onClose = () => done(false);
      const timer = setTimeout(onClose, ms);
      this.#socket.on('pong', onPong);
      this.#socket.on('close', onClose);
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
      else onClose();
    });
  }

  /** Sends the agent what it has to do, where that differs from what it runs or is about to run. */
  assign(): void {
    if (this.#state !== 'open' || this.#agent === null) return;
    const assignment = this.#parts.planning.assignment(this.#agent.id);
    const hash = assignmentHash(assignment.checks);
    if (!this.#track.want(assignment.revision, hash)) return;
    for (const part of assignmentMessages(assignment, hash)) this.#send(part);
  }

  /** Ends the session and tells the agent why. */
  reject(rejection: SessionRejection): void {
    if (this.#state === 'ended') return;
    const level = rejection.code === 'store_fault' ? 'error' : 'warn';
    this.#parts.log[level](`session with ${this.#who()} ended: ${rejection.code}: ${rejection.message}`);
    this.#send({ type: 'rejected', code: rejection.code, message: rejection.message, retry: rejection.retry });
    this.#socket.close(1008, rejection.code);
    this.#end();
    setTimeout(() => this.#socket.terminate(), 2000).unref();
  }

  #heard(frame: Buffer, isBinary: boolean): void {
    this.#heardMs = performance.now();
    if (this.#state === 'ended') return;
    try {
      if (isBinary) throw badMessage('it is binary, not text');
      const forStore = this.#state === 'open' ? storeFrame(frame) : null;
      if (forStore !== null) this.#intake.take(frame, forStore);
      else this.#take(readAgentMessage(frame), frame);
    } catch (error) {
      this.#failed(error);
    }
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
        this.#talk(message, frame);
        return;
      case 'admitting':
        throw badMessage(`"${message.type}" came before the welcome`);
      case 'ended':
        return;
    }
  }

  #hello(message: AgentMessage): void {
    if (message.type !== 'hello') throw badMessage(`a session begins with "hello", not with "${message.type}"`);
    if (message.protocol !== PROTOCOL_VERSION)
      throw new SessionRejection(
        'protocol_version',
        `this server speaks version ${PROTOCOL_VERSION} of the protocol, the agent version ${message.protocol}: update the ${message.protocol < PROTOCOL_VERSION ? 'agent' : 'server'}`,
        true,
      );
    const nonce = randomBytes(32).toString('base64url');
    this.#transcript = {
      agentKey: message.agentKey,
      serverKey: this.#key.publicKey,
      agentNonce: message.nonce,
      serverNonce: nonce,
      binding: this.#binding,
    };
    this.#state = 'proof';
    const signature = this.#key.sign(signedText('server', this.#transcript));
    this.#send({ type: 'challenge', serverKey: this.#key.publicKey, nonce, signature, serverMs: this.#parts.now() });
  }

  #proof(message: AgentMessage): void {
    if (message.type !== 'proof' || this.#transcript === null)
      throw badMessage(`"proof" was due, not "${message.type}"`);
    if (!agentProved(this.#transcript, message.signature))
      throw new SessionRejection(
        'bad_proof',
        'the agent could not prove its key: its data folder is damaged, or something in between changes the session',
        false,
      );
    this.#state = 'admitting';
    this.#admit(message, this.#transcript).catch((error: unknown) => this.#failed(error));
  }

  async #admit(proof: Proof, transcript: Transcript): Promise<void> {
    const { db, now, store, heartbeatMs, log, planning } = this.#parts;
    const enrolmentText = signedText('enrolment', transcript);
    const arrival = { agentKey: transcript.agentKey, proof, enrolmentText, address: this.address, nowMs: now() };
    const known = await admit(db, arrival);
    await this.#hooks.enter(this, known.id);
    const agent = await noteArrival(db, known, arrival);
    const received = receivedThatFits(await store.received(agent.id));
    if (this.#ended()) return this.#hooks.left(this);
    this.#agent = agent;
    this.#track = new AssignmentTrack(proof.assignmentHash);
    this.#state = 'open';
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#beat(), heartbeatMs);
    this.#send({ type: 'welcome', agentId: agent.id, name: agent.name, heartbeatMs, received, credits: CREDITS });
    log.info(`agent ${agent.id} (${agent.name}) is online from ${this.address}`);
    const labels = JSON.parse(agent.labels) as Record<string, string>;
    planning.agentChanged({
      id: agent.id,
      name: agent.name,
      labels,
      capabilities: proof.capabilities,
      offlineSinceMs: null,
    });
    this.#ping();
    this.assign();
  }

  #talk(message: AgentMessage, frame: Buffer): void {
    const { planning, audience, now } = this.#parts;
    const agent = this.#agent?.id ?? 0;
    switch (message.type) {
      case 'assigned':
        this.#assigned(message.revision, message.hash);
        planning.agentRefuses(agent, message.refused);
        return;
      case 'records':
        this.#intake.take(frame, { kind: message.kind, epoch: message.epoch });
        return;
      case 'drops':
        this.#intake.take(frame, { kind: 'drops', epoch: message.epoch });
        return;
      case 'status':
        this.#heardStatus(message);
        return;
      case 'progress': {
        const { check, target, at, line } = message;
        audience.publish('progress', { agent, check, target, at, line }, { test: null, agent });
        return;
      }
      case 'time':
        this.#send({ type: 'time', id: message.id, agentMs: message.agentMs, serverMs: now() });
        this.#offset = this.#clock.offset(message.agentMs, now());
        return;
      case 'bye':
        this.#parts.log.info(`${this.#who()} says goodbye: ${message.reason}`);
        this.#socket.close(1000);
        return;
      case 'hello':
      case 'proof':
        throw badMessage(`"${message.type}" in the middle of a session`);
    }
  }

  /** The agent says what it runs: what differs is sent once more, then only the difference is told. */
  #assigned(revision: number, hash: string): void {
    const answer = this.#track.answered(revision, hash);
    if (answer === 'in_step') this.#toldAgain = false;
    if (answer !== 'differs' || this.#toldAgain) return;
    this.#toldAgain = true;
    this.#parts.log.warn(`${this.#who()} runs another assignment than it was sent: it is sent again`);
    this.assign();
  }

  #heardStatus(status: Status): void {
    const { db, now } = this.#parts;
    const agent = this.#agent?.id ?? 0;
    this.#status = status;
    noteSeen(db, agent, now(), this.#offset).catch((error: unknown) => this.#failed(error));
    if (status.capabilities !== undefined)
      this.#parts.planning.agentChanged({ id: agent, capabilities: status.capabilities });
  }

  #beat(): void {
    if (performance.now() - this.#heardMs > 3 * this.#parts.heartbeatMs) {
      this.#parts.log.warn(`${this.#who()} has been silent for three heartbeats: its session is closed`);
      this.#socket.terminate();
      this.#end();
      return;
    }
    this.#ping();
  }

  #ping(): void {
    this.#clock.pinged();
    this.#socket.ping();
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
    this.#hooks.left(this);
  }

  #who(): string {
    return this.#agent === null ? this.address : `agent ${this.#agent.id} (${this.#agent.name})`;
  }
}
