import type { UdpReceived, UdpSent, UdpSocket } from '@netsonde/sockets';
import type { RunContext } from '../contract/context.ts';
import type { NtpObservation } from './observation.ts';
import { type Answer, decodeAnswer, encodeRequest, nonceText } from './packet.ts';

/** One request and what has come of it so far. Its answer may arrive before its own send stamp. */
interface Pending {
  readonly index: number;
  readonly id: number;
  sent: UdpSent | null;
  answer: { readonly read: Answer; readonly received: UdpReceived } | null;
  /** It was refused, or an ICMP error came. */
  over: boolean;
}

/** Exchanges with one server, one at a time: pairs each answer with its request and times it. */
export class Exchanges {
  readonly #socket: UdpSocket;
  readonly #context: RunContext;
  #pending: { readonly nonce: string; readonly request: Pending } | null = null;
  #seen: NtpObservation[] = [];
  #wake: () => void = () => {};
  /** Whether any valid answer has come. */
  answered = false;

  constructor(socket: UdpSocket, context: RunContext) {
    this.#socket = socket;
    this.#context = context;
    socket.listen((event) => {
      switch (event.kind) {
        case 'sent':
          this.#sent(event);
          break;
        case 'received':
          this.#received(event);
          break;
        case 'error':
          this.#failed(
            event.id === undefined
              ? { kind: 'error', code: event.code, from: event.offender ?? null }
              : { kind: 'not_sent', code: event.code },
          );
      }
      this.#wake();
    });
  }

  /** Sends one request and yields what comes of it until it is answered, fails, or its time is up. */
  async *ask(index: number, address: string, port: number, timeoutMs: number): AsyncGenerator<NtpObservation> {
    const nonce = Uint8Array.from({ length: 8 }, () => Math.floor(this.#context.random() * 256));
    const id = this.#socket.send(encodeRequest(nonce), address, port);
    const request: Pending = { index, id, sent: null, answer: null, over: false };
    this.#pending = { nonce: nonceText(nonce), request };
    const untilMs = this.#context.clock.monotonicMs() + timeoutMs;
    for (;;) {
      const leftMs = untilMs - this.#context.clock.monotonicMs();
      const ended = request.over || isWhole(request) || leftMs <= 0 || this.#context.signal.aborted;
      const seen = this.#seen;
      this.#seen = [];
      yield* seen;
      if (ended) return;
      await this.pause(leftMs, () => this.#seen.length > 0);
    }
  }

  /** Until `ms` have passed, the run is stopped, or, with `until`, something has come. */
  async pause(ms: number, until: () => boolean = () => false): Promise<void> {
    const { signal } = this.#context;
    if (ms <= 0 || signal.aborted || until()) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = () => {
        if (until()) done();
      };
    });
  }

  #sent(event: UdpSent): void {
    const request = this.#pending?.request;
    if (request === undefined || request.id !== event.id) return;
    request.sent = event;
    this.#seen.push({ kind: 'sent', index: request.index });
    this.#complete(request);
  }

  #received(event: UdpReceived): void {
    const decoded = decodeAnswer(event.payload, this.#socket.baseSeconds);
    const pending = this.#pending;
    if (typeof decoded === 'string') this.#seen.push({ kind: 'rejected', why: decoded });
    else if (pending === null || decoded.nonce !== pending.nonce) this.#seen.push({ kind: 'rejected', why: 'origin' });
    else if (pending.request.answer === null) {
      pending.request.answer = { read: decoded.answer, received: event };
      this.#complete(pending.request);
    }
  }

  #failed(seen: NtpObservation): void {
    this.#seen.push(seen);
    if (this.#pending !== null) this.#pending.request.over = true;
  }

  #complete({ index, sent, answer }: Pending): void {
    if (sent === null || answer === null) return;
    this.answered = true;
    this.#seen.push({ kind: 'answered', index, ...timesOf(sent, answer) });
  }
}

const isWhole = ({ sent, answer }: Pending): boolean => sent !== null && answer !== null;

/**
 * Offset and delay from the four times. T1 and T4 are kernel stamps where both are there and the clock was not set
 * between them; else the delay comes from the monotonic clock and T1 follows from T4.
 */
function timesOf(sent: UdpSent, { read, received }: NonNullable<Pending['answer']>) {
  const kernel = sent.stamp === 'kernel' && received.stamp === 'kernel' && sent.epoch === received.epoch;
  const t4 = received.rxNs;
  const t1 = kernel ? sent.txNs : t4 - (received.monoNs - sent.monoNs);
  const { receivedNs: t2, transmittedNs: t3, leap, stratum, rootDelayMs, rootDispersionMs, reference, version } = read;
  return {
    offsetMs: (t2 - t1 + (t3 - t4)) / 2 / 1e6,
    delayMs: (t4 - t1 - (t3 - t2)) / 1e6,
    stamps: kernel ? ('kernel' as const) : ('process' as const),
    leap,
    stratum,
    rootDelayMs,
    rootDispersionMs,
    reference,
    version,
  };
}
