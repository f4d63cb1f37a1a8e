import type { ServerMessage } from '@netsonde/protocol';
import type { IntakeReport } from '../store/result-store.ts';
import type { FleetParts } from './ports.ts';
import type { StoreFrame } from './read-agent-message.ts';
import { badMessage } from './rejection.ts';
import { CREDITS } from './welcome.ts';

/** The session that frames of records come from. */
export interface IntakeHost {
  /** The agent's id. */
  readonly agent: () => number;
  /** Who the log is to name. */
  readonly who: () => string;
  readonly ended: () => boolean;
  readonly send: (message: ServerMessage) => void;
  /** Ends the session for this. */
  readonly failed: (error: unknown) => void;
}

/** Takes one session's frames of records: within its credits, to the store, and acknowledged once they are durable. */
export class RecordIntake {
  readonly #parts: FleetParts;
  readonly #host: IntakeHost;
  readonly #credits = { ...CREDITS };

  constructor(parts: FleetParts, host: IntakeHost) {
    this.#parts = parts;
    this.#host = host;
  }

  /** Passes a frame to the store and acknowledges what it reports as durable, not before. @throws SessionRejection without credit. */
  take(frame: Buffer, { kind, epoch }: StoreFrame): void {
    const { store, now } = this.#parts;
    if (kind !== 'drops') {
      this.#credits[kind] -= 1;
      if (this.#credits[kind] < 0) throw badMessage(`there were no credits left for another frame of ${kind} records`);
    }
    const origin = { agent: this.#host.agent(), epoch };
    store.ingest({ origin, frame, receivedMs: now() }).then(
      (report) => this.#stored(kind, report),
      (error: unknown) => this.#host.failed(error),
    );
  }

  #stored(kind: StoreFrame['kind'], report: IntakeReport): void {
    if (!this.#host.ended()) {
      if (report.malformed !== undefined) {
        this.#host.failed(badMessage(report.malformed.slice(0, 400)));
        return;
      }
      this.#acknowledge(kind, report);
    }
    this.#announce(report);
  }

  #acknowledge(kind: StoreFrame['kind'], { origin: { epoch }, stored, refused }: IntakeReport): void {
    const { send, who } = this.#host;
    if (stored.length > 0) send({ type: 'ack', epoch, ranges: stored.map(([from, to]) => [from, to]) });
    for (const { seq, reason } of refused) {
      this.#parts.log.warn(`record ${seq} of ${who()} can never be stored: ${reason}`);
      send({ type: 'refused', epoch, seq, reason: reason.slice(0, 300) });
    }
    if (kind === 'drops') return;
    this.#credits[kind] += 1;
    send({ type: 'credit', add: { live: kind === 'live' ? 1 : 0, backlog: kind === 'backlog' ? 1 : 0 } });
  }

  /** Tells those who listen; `results` is read only where somebody does, since that costs the reading of the frame. */
  #announce(report: IntakeReport): void {
    const { audience } = this.#parts;
    if (audience.listening?.() === false) return;
    const { agent } = report.origin;
    if (report.resultCount > 0) audience.results(report.origin, report.results);
    for (const record of report.missed) audience.publish('missed', { agent, record }, { test: null, agent });
  }
}
