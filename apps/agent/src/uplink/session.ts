import type { AgentMessage, ServerMessage } from '@netsonde/protocol';
import type { WebSocket } from 'ws';
import { type Arrived, AssignmentParts } from '../assignment/assignment-parts.ts';
import type { RefusedCheck } from '../assignment/ready-checks.ts';
import type { InForce } from '../assignment/work.ts';
import type { AgentClockState } from '../clock/agent-clock.ts';
import type { AgentIdentity } from '../identity/agent-identity.ts';
import type { ServerMemory } from '../identity/server-memory.ts';
import type { AgentLog } from '../log.ts';
import { Seldom } from '../seldom.ts';
import type { Spool } from '../spool/spool.ts';
import type { Kept, Position } from '../spool/spool-core.ts';
import { ClockTalk, type TalkingClock } from './clock-talk.ts';
import type { Dialled } from './dial.ts';
import { GivenUp } from './given-up.ts';
import { type Proved, SessionRejected } from './handshake.ts';
import { understoodBy } from './held-back.ts';
import { ConnectionClosed, type Inbox } from './inbox.ts';
import { KeyTalk } from './key-talk.ts';
import { LiveQueue } from './live-queue.ts';
import { type FrameKind, type RecordFrame, recordFrame } from './record-frames.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** What a session needs from the rest of the agent. */
export interface SessionParts {
  readonly spool: Spool;
  readonly identity: AgentIdentity;
  readonly memory: ServerMemory;
  /** Activates an assignment, durably, and returns what is refused of it. */
  assign(agentId: number, arrived: Arrived): readonly RefusedCheck[];
  /** The active assignment and what is refused of it; null where there is none. */
  inForce(): InForce | null;
  /** The content of the regular status, without the spool's share. */
  load(): { readonly loopDelayP99Ms: number | null; readonly running: number };
  readonly log: AgentLog;
  readonly clock: SessionClock;
}

/** The clock of a session: see `AgentClock`. */
export interface SessionClock extends TalkingClock {
  /** Whether what the agent records is dated rightly. Until it is, nothing is sent. */
  readonly isAnchored: boolean;
  readonly state: AgentClockState;
}

/** Refused checks that are reported one by one. More of them would hardly help. */
const MAX_REFUSED = 50;
/** Backlog is read from the disk in pieces of this size, bytes. */
const READ_BYTES = 256 * 1024;
/** No backlog frame is added while the socket has at least this much unsent, bytes. */
const BACKLOG_BUFFERED_BYTES = 64 * 1024;
const LIVE_BUFFERED_BYTES = 2 * 1024 * 1024;
/** A server that leaves this much unread is left, bytes. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** Time for the server to answer a goodbye, ms. */
const BYE_MS = 500;

/** One session with the server, from its welcome to its end. */
export class ServerSession {
  readonly #socket: WebSocket;
  readonly #inbox: Inbox;
  readonly #welcome: Welcome;
  readonly #parts: SessionParts;
  readonly #live = new LiveQueue();
  readonly #credits: { live: number; backlog: number };
  readonly #assignment: AssignmentParts;
  readonly #keys: KeyTalk;
  readonly #clock: ClockTalk;
  readonly #givenUp: GivenUp;
  readonly #sentDrops = new Set<string>();
  /** null: the server understands all records. */
  readonly #understood: ((record: Kept) => boolean) | null;
  /** Records from this one on, of the current epoch, are sent live. Earlier ones are backlog. */
  #liveFrom = Number.MAX_SAFE_INTEGER;
  #position: Position | null = { epoch: 0, seq: 0 };
  #backlog: readonly Kept[] = [];
  #backlogAt = 0;
  #reading = false;
  #heardMs: number;
  #timer: NodeJS.Timeout | null = null;
  #end: ((error: Error) => void) | null = null;

  constructor({ socket, inbox, version }: Dialled, { welcome, transcript }: Proved, parts: SessionParts) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.#understood = understoodBy(version.minor);
    this.#welcome = welcome;
    this.#parts = parts;
    this.#credits = { ...welcome.credits };
    this.#heardMs = parts.clock.monotonicMs();
    const { identity, log, clock } = parts;
    const send = (message: AgentMessage) => this.#send(message);
    this.#keys = new KeyTalk({ identity, transcript, log, send });
    this.#clock = new ClockTalk({ clock, log, send });
    this.#givenUp = new GivenUp((message) => log.warn(message));
    const refusals = new Seldom(
      (message) => log.warn(message),
      () => clock.monotonicMs(),
    );
    this.#assignment = new AssignmentParts(
      () => clock.monotonicMs(),
      (why) => refusals.say(why),
    );
  }

  /** Runs until the session ends, always with an error: SessionRejected or ConnectionClosed. */
  async run(): Promise<never> {
    const { spool } = this.#parts;
    spool.session(this.#welcome.received);
    const ended = new Promise<never>((_, reject) => {
      this.#end = reject;
    });
    this.#socket.on('ping', () => {
      this.#alive();
      this.#clock.ask();
    });
    this.#timer = setInterval(() => this.#beat(), this.#welcome.heartbeatMs);
    this.#inbox.listen(
      (message) => this.#heard(message),
      (error) => this.#finish(error),
    );
    this.#tellRefused();
    this.#keys.begin();
    this.#beat();
    this.#pump();
    try {
      return await ended;
    } finally {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      this.#givenUp.close();
      this.#socket.terminate();
    }
  }

  /** Newly durable records. */
  kept(made: readonly Kept[]): void {
    const records = this.#sendable(made);
    const first = records[0];
    if (first === undefined || this.#timer === null || !this.#parts.clock.isAnchored) return;
    if (this.#liveFrom === Number.MAX_SAFE_INTEGER) this.#liveFrom = first.seq;
    if (this.#live.push(records)) this.#leaveToBacklog();
    this.#pump();
  }

  /** A line about a run that is under way; dropped when the connection is busy. */
  progress(check: number, target: number, at: number, line: string): void {
    if (this.#timer === null || this.#socket.bufferedAmount > BACKLOG_BUFFERED_BYTES) return;
    this.#send({ type: 'progress', check, target, at, line: line.slice(0, 300) });
  }

  /** Says goodbye and waits a moment for the connection to end. */
  async bye(reason: string): Promise<void> {
    if (this.#timer === null) return;
    this.#send({ type: 'bye', reason });
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.close(1000, reason);
    await Promise.race([closed, new Promise<void>((resolve) => setTimeout(resolve, BYE_MS).unref())]);
  }

  /** The server has connected again, so this connection is no longer needed. */
  replaced(): void {
    this.#finish(new ConnectionClosed('the server has connected again'));
  }

  #finish(error: Error): void {
    this.#end?.(error);
    this.#end = null;
  }

  #alive(): void {
    this.#heardMs = this.#parts.clock.monotonicMs();
  }

  #heard(message: ServerMessage): void {
    this.#alive();
    try {
      this.#take(message);
    } catch (error) {
      this.#finish(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(message: ServerMessage): void {
    const { spool } = this.#parts;
    switch (message.type) {
      case 'ack':
        spool.acknowledge(message.epoch, message.ranges);
        return;
      case 'refused':
        this.#givenUp.note(message.seq, message.reason);
        spool.acknowledge(message.epoch, [[message.seq, message.seq]]);
        return;
      case 'credit':
        this.#credits.live += message.add.live;
        this.#credits.backlog += message.add.backlog;
        this.#pump();
        return;
      case 'assign':
        this.#assigned(this.#assignment.add(message));
        return;
      case 'time': {
        const { isAnchored } = this.#parts.clock;
        this.#clock.answered(message);
        if (!isAnchored) this.#pump();
        return;
      }
      case 'server_keys':
        this.#keys.serverKeys(message);
        return;
      case 'rotate_key':
        this.#keys.rotate();
        return;
      case 'rekeyed':
        this.#keys.rekeyed(message);
        return;
      case 'rejected':
        this.#finish(new SessionRejected(message));
        return;
      case 'challenge':
      case 'welcome':
        throw new Error(`the server sent "${message.type}" in the middle of a session: update one of the two`);
    }
  }

  #assigned(arrived: Arrived | null): void {
    if (arrived === null) return;
    const refused = this.#parts.assign(this.#welcome.agentId, arrived);
    this.#parts.memory.assigned(arrived.revision, arrived.checks);
    sayRefused(refused, this.#parts.log);
    this.#tellAssigned({ ...arrived, refused });
  }

  /** A restarted server does not know what an agent refuses of an assignment that it already has. */
  #tellRefused(): void {
    const inForce = this.#parts.inForce();
    if (inForce !== null && inForce.refused.length > 0) this.#tellAssigned(inForce);
  }

  #tellAssigned({ revision, hash, refused }: InForce): void {
    this.#send({ type: 'assigned', revision, hash, refused: [...refused.slice(0, MAX_REFUSED)] });
  }

  #beat(): void {
    const { clock, log } = this.#parts;
    if (clock.monotonicMs() - this.#heardMs > 3 * this.#welcome.heartbeatMs) {
      this.#finish(new ConnectionClosed('the server has been silent for three heartbeats'));
      return;
    }
    this.#clock.ask();
    this.#report().catch((error: unknown) => log.warn(`the status could not be sent: ${String(error)}`));
  }

  async #report(): Promise<void> {
    const { spool, load, clock } = this.#parts;
    const status = await spool.status();
    if (this.#timer === null) return;
    this.#send({ type: 'status', ...load(), spool: status, clock: clockOf(clock.state) });
    const drops = (await spool.drops()).filter(
      ({ epoch, drop }) => !this.#sentDrops.has(`${epoch}/${drop.fromSeq}/${drop.toSeq}`),
    );
    for (const { epoch, drop } of drops) {
      if (this.#timer === null) return;
      this.#sentDrops.add(`${epoch}/${drop.fromSeq}/${drop.toSeq}`);
      this.#send({ type: 'drops', epoch, drops: [drop] });
    }
  }

  /** Sends live records first and backlog beside them, each as far as its credits allow. */
  #pump(): void {
    if (this.#timer === null) return;
    this.#clock.askAfterStep();
    if (!this.#parts.clock.isAnchored) return;
    while (this.#live.length > 0 && this.#credits.live > 0 && this.#socket.bufferedAmount < LIVE_BUFFERED_BYTES) {
      const frame = recordFrame('live', this.#live.records, this.#live.head);
      this.#live.take(frame.count);
      this.#sendFrame('live', frame);
    }
    while (
      this.#backlogAt < this.#backlog.length &&
      this.#credits.backlog > 0 &&
      this.#socket.bufferedAmount < BACKLOG_BUFFERED_BYTES
    ) {
      const frame = recordFrame('backlog', this.#backlog, this.#backlogAt);
      this.#backlogAt += frame.count;
      this.#sendFrame('backlog', frame);
    }
    if (this.#backlogAt >= this.#backlog.length && this.#credits.backlog > 0) this.#readBacklog();
  }

  #sendFrame(kind: FrameKind, { text, epoch, ranges }: RecordFrame): void {
    this.#credits[kind] -= 1;
    this.#parts.spool.sent(epoch, ranges);
    this.#socket.send(text, () => this.#pump());
  }

  /** The next piece of the backlog. No piece is under way twice, since the spool knows what was sent. */
  #readBacklog(): void {
    if (this.#reading || this.#position === null) return;
    this.#reading = true;
    const before = this.#liveFrom;
    this.#parts.spool.read(this.#position, before, READ_BYTES).then(
      ({ records, next }) => {
        this.#reading = false;
        this.#backlog = this.#sendable(records).filter(
          ({ epoch, seq }) => epoch !== this.#parts.spool.epoch || seq < this.#liveFrom,
        );
        this.#backlogAt = 0;
        this.#position = next ?? (before === this.#liveFrom ? null : { epoch: 0, seq: 0 });
        this.#pump();
      },
      (error: unknown) => this.#finish(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #sendable(records: readonly Kept[]): readonly Kept[] {
    return this.#understood === null ? records : records.filter(this.#understood);
  }

  /** The server accepts fewer records than the agent makes: the oldest live records become backlog. */
  #leaveToBacklog(): void {
    this.#liveFrom = this.#live.firstSeq ?? Number.MAX_SAFE_INTEGER;
    this.#position ??= { epoch: 0, seq: 0 };
  }

  /** A server that asks and does not read is left before its answers fill the memory. */
  #send(message: AgentMessage): void {
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#finish(new ConnectionClosed('the server does not read what it asks for'));
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }
}

/** As a status has it: an estimate from before 1970 has no place in it. */
function clockOf({ problem, ...state }: AgentClockState) {
  return { ...state, problem: problem === null ? null : { ...problem, sinceMs: Math.max(0, problem.sinceMs) } };
}

function sayRefused(refused: readonly RefusedCheck[], log: { warn(message: string): void }): void {
  for (const { check, target, reason } of refused.slice(0, MAX_REFUSED))
    log.warn(`check ${check} is refused${target === undefined ? '' : ` against target ${target}`}: ${reason}`);
  if (refused.length > MAX_REFUSED) log.warn(`${refused.length - MAX_REFUSED} more are refused`);
}
