import type { ServerMessage } from '@netsonde/protocol';
import type { IntakeReport } from '../store/result-store.ts';
import type { SharedParts } from './ports.ts';
import type { StoreFrame } from './read-agent-message.ts';
import { badMessage } from './rejection.ts';
import { CREDITS } from './welcome.ts';

/** The session that sends frames of records. */
export interface IntakeHost {
  /** The agent's id. */
  readonly agent: () => number;
  /** The session's own epoch, the highest that its records may have. */
  readonly epoch: () => number;
  /** How far the agent's clock may be ahead of the server's, ms, 0 or more. */
  readonly aheadMs: () => number;
  /** The name for log lines. */
  readonly who: () => string;
  readonly ended: () => boolean;
  readonly send: (message: ServerMessage) => void;
  /** Ends the session with this fault. */
  readonly failed: (error: unknown) => void;
  /** Pauses and resumes reading from the agent. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Frames of drops need no credits. With this many pending writes, reading pauses until half are durable. */
const MAX_DROPS_UNDER_WAY = 32;
/** Tolerance for instants in the future, ms: the clock bound is not exact, and a clock may be slewed. */
const CLOCK_GRACE_MS = 5000;
/** Most that an agent's clock is believed to be ahead, ms. */
const MOST_AHEAD_MS = 86_400_000;

/** Passes one session's frames of records to the store, checks their credits, and acknowledges them once durable. */
export class RecordIntake {
  readonly #parts: SharedParts;
  readonly #host: IntakeHost;
  readonly #credits = { ...CREDITS };
  /** The server's clocks at the start of the session. */
  readonly #start: { readonly wallMs: number; readonly monotonicMs: number };
  #dropsUnderWay = 0;
  #paused = false;

  constructor(parts: SharedParts, host: IntakeHost) {
    this.#parts = parts;
    this.#host = host;
    this.#start = { wallMs: parts.now(), monotonicMs: performance.now() };
  }

  /** Whether the server has paused reading from the agent. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Passes a frame to the store and acknowledges only what it reports as durable. @throws SessionRejection without credit. */
  take(frame: Buffer, { kind, epoch }: StoreFrame): void {
    const { store, now } = this.#parts;
    if (epoch > this.#host.epoch()) throw badMessage(`epoch ${epoch} is after the session's, ${this.#host.epoch()}`);
    if (kind === 'drops') this.#dropsCame();
    else {
      this.#credits[kind] -= 1;
      if (this.#credits[kind] < 0) throw badMessage(`there were no credits left for another frame of ${kind} records`);
    }
    const origin = { agent: this.#host.agent(), epoch };
    const receivedMs = now();
    // A clock of the server that was set back during the session does not move planned instants into the future.
    const steadyMs = this.#start.wallMs + performance.now() - this.#start.monotonicMs;
    const presentMs = Math.ceil(Math.max(receivedMs, steadyMs));
    const latestMs = Math.ceil(presentMs + Math.min(this.#host.aheadMs(), MOST_AHEAD_MS) + CLOCK_GRACE_MS);
    store.ingest({ origin, frame, receivedMs, latestMs, presentMs }).then(
      (report) => this.#stored(kind, report),
      (error: unknown) => this.#host.failed(error),
    );
  }

  #dropsCame(): void {
    this.#dropsUnderWay += 1;
    if (this.#paused || this.#dropsUnderWay < MAX_DROPS_UNDER_WAY) return;
    this.#paused = true;
    this.#host.pause();
  }

  #dropsStored(): void {
    this.#dropsUnderWay -= 1;
    if (!this.#paused || this.#dropsUnderWay > MAX_DROPS_UNDER_WAY / 2) return;
    this.#paused = false;
    this.#host.resume();
  }

  #stored(kind: StoreFrame['kind'], report: IntakeReport): void {
    if (kind === 'drops') this.#dropsStored();
    if (!this.#host.ended()) {
      if (report.malformed !== undefined) {
        this.#host.failed(badMessage(report.malformed.slice(0, 400)));
        return;
      }
      this.#acknowledge(kind, report);
    }
    this.#announce(report);
  }

  /** Reports refused records as settled, the first ones with their reason, so that the agent does not send them again. */
  #acknowledge(kind: StoreFrame['kind'], report: IntakeReport): void {
    const { send, who } = this.#host;
    const { epoch, agent } = report.origin;
    const ranges = [...report.stored, ...report.alsoRefused].map(([from, to]): [number, number] => [from, to]);
    if (ranges.length > 0) send({ type: 'ack', epoch, ranges });
    for (const { seq, reason } of report.refused) send({ type: 'refused', epoch, seq, reason: reason.slice(0, 300) });
    const first = report.refused[0];
    if (first !== undefined) this.#parts.refusals.refused(agent, who(), report.refusedCount, first.reason);
    if (kind === 'drops') return;
    this.#credits[kind] += 1;
    send({ type: 'credit', add: { live: kind === 'live' ? 1 : 0, backlog: kind === 'backlog' ? 1 : 0 } });
  }

  /** Notifies listeners. Reads `results` only if there is a listener, since that parses the frame. */
  #announce(report: IntakeReport): void {
    const { audience } = this.#parts;
    if (audience.listening?.() === false) return;
    const { agent } = report.origin;
    if (report.resultCount > 0) audience.results(report.origin, report.results);
    for (const record of report.missed) audience.publish('missed', { agent, record }, { test: null, agent });
  }
}
