import type { UdpEvent, UdpReceived, UdpSent, UdpSocket } from '@netsonde/sockets';
import type { RunContext } from '../contract/context.ts';
import { AGENT_STALLED } from '../contract/network-error.ts';
import { Inbox } from '../net/inbox.ts';
import { Patience } from '../net/patience.ts';
import { exchangeTimes } from './exchange-times.ts';
import { type Kiss, kissOf } from './hold-offs.ts';
import type { NtpObservation } from './observation.ts';
import { decodeAnswer, encodeRequest, type NtpReply, nonceText } from './packet.ts';

/** One request and its state. Its answer may arrive before its own send stamp. */
interface Pending {
  readonly index: number;
  readonly id: number;
  sent: UdpSent | null;
  answer: { readonly read: NtpReply; readonly received: UdpReceived } | null;
  /** It was refused, or an ICMP error arrived. */
  over: boolean;
}

/** Exchanges with one server, one at a time: pairs each answer with its request and times it. */
export class Exchanges {
  readonly #socket: UdpSocket;
  readonly #context: RunContext;
  readonly #inbox: Inbox<NtpObservation>;
  #pending: { readonly nonce: string; readonly request: Pending } | null = null;
  /** Whether any valid answer was received. */
  answered = false;
  /** The kiss code that the server answered with; null: none with a request to the client. */
  kiss: Kiss | null = null;

  constructor(socket: UdpSocket, context: RunContext) {
    this.#socket = socket;
    this.#context = context;
    this.#inbox = new Inbox(context.signal);
    socket.listen((event) => this.#inbox.put(this.#take(event)));
  }

  /** Sends one request and yields what happens until it is answered, fails, or its time is up. */
  async *ask(index: number, address: string, port: number, timeoutMs: number): AsyncGenerator<NtpObservation> {
    const nonce = Uint8Array.from({ length: 8 }, () => Math.floor(this.#context.random() * 256));
    const id = this.#socket.send(encodeRequest(nonce), address, port);
    const request: Pending = { index, id, sent: null, answer: null, over: false };
    this.#pending = { nonce: nonceText(nonce), request };
    const patience = new Patience(this.#context.clock, timeoutMs);
    const timeUp = yield* this.#inbox.until(patience, () => request.over || isWhole(request));
    if (timeUp === AGENT_STALLED) yield { kind: 'local_fault', code: AGENT_STALLED };
  }

  /** Yields what else happens until `ms` have passed or the run is stopped. */
  async *pause(ms: number): AsyncGenerator<NtpObservation> {
    if (ms > 0) yield* this.#inbox.during(ms);
  }

  #take(event: UdpEvent): readonly NtpObservation[] {
    switch (event.kind) {
      case 'sent':
        return this.#sent(event);
      case 'received':
        return this.#received(event);
      case 'error':
        if (this.#pending !== null) this.#pending.request.over = true;
        return event.id === undefined
          ? [{ kind: 'error', code: event.code, from: event.offender ?? null }]
          : [{ kind: 'local_fault', code: event.code }];
    }
  }

  #sent(event: UdpSent): readonly NtpObservation[] {
    const request = this.#pending?.request;
    if (request === undefined || request.id !== event.id) return [];
    request.sent = event;
    return [{ kind: 'sent', index: request.index }, ...this.#complete(request)];
  }

  #received(event: UdpReceived): readonly NtpObservation[] {
    const decoded = decodeAnswer(event.payload, this.#socket.baseSeconds);
    const pending = this.#pending;
    if (typeof decoded === 'string') return [{ kind: 'rejected', why: decoded }];
    if (pending === null || decoded.nonce !== pending.nonce) return [{ kind: 'rejected', why: 'origin' }];
    if (pending.request.answer !== null) return [];
    pending.request.answer = { read: decoded.answer, received: event };
    return this.#complete(pending.request);
  }

  #complete({ index, sent, answer }: Pending): readonly NtpObservation[] {
    if (sent === null || answer === null) return [];
    this.answered = true;
    this.kiss ??= kissOf(answer.read);
    return [{ kind: 'answered', index, ...timesOf(sent, answer) }];
  }
}

const isWhole = ({ sent, answer }: Pending): boolean => sent !== null && answer !== null;

/**
 * Offset and delay from the four times. T1 and T4 are kernel stamps where both exist and the clock was not set in
 * between. Otherwise the monotonic clock gives the delay, and T1 is computed from T4.
 */
function timesOf(sent: UdpSent, { read, received }: NonNullable<Pending['answer']>) {
  const kernel = sent.stamp === 'kernel' && received.stamp === 'kernel' && sent.epoch === received.epoch;
  const t4 = received.rxNs;
  const t1 = kernel ? sent.txNs : t4 - (received.monoNs - sent.monoNs);
  const { receivedNs: t2, transmittedNs: t3, fault, leap, stratum, rootDelayMs, rootDispersionMs } = read;
  const { reference, version } = read;
  const hasTimes = fault !== 'no_time' && fault !== 'transmit_before_receive';
  return {
    times: hasTimes ? exchangeTimes([t1, t2, t3, t4], read.precisionMs) : null,
    stamps: kernel ? ('kernel' as const) : ('process' as const),
    ...{ leap, stratum, rootDelayMs, rootDispersionMs, reference, version, fault },
  };
}
