import {
  formatIpAddress,
  parseIpAddress,
  roundTrip,
  type UdpError,
  type UdpEvent,
  type UdpReceived,
  type UdpSent,
} from '@netsonde/sockets';
import type { UdpObservation } from './observation.ts';
import type { Flaws, Payloads } from './payload.ts';

/** A datagram in flight. Its answer may arrive before its own send stamp. */
interface Datagram {
  readonly sequence: number;
  sent: UdpSent | null;
  answer: { readonly received: UdpReceived; readonly arrival: number; readonly flaws: Flaws } | null;
  /** Whether an error decided its result. */
  failed: boolean;
}

/** Converts the socket's events to observations: it finds the datagram of an event, and what the event means for it. */
export class Collector {
  readonly #payloads: Payloads;
  readonly #address: string;
  readonly #port: number;
  readonly #bySequence = new Map<number, Datagram>();
  #arrivals = 0;
  readonly #byId = new Map<number, Datagram>();

  constructor(payloads: Payloads, address: string, port: number) {
    this.#payloads = payloads;
    this.#address = plain(address);
    this.#port = port;
  }

  /** Datagrams that were handed to the socket and are neither answered nor known to be lost. */
  get undecided(): readonly number[] {
    return [...this.#bySequence.values()].filter((datagram) => !isDecided(datagram)).map(({ sequence }) => sequence);
  }

  /** Records the number that the socket assigned to a datagram. */
  handedOver(sequence: number, id: number): void {
    const datagram: Datagram = { sequence, sent: null, answer: null, failed: false };
    this.#bySequence.set(sequence, datagram);
    this.#byId.set(id, datagram);
  }

  take(event: UdpEvent): readonly UdpObservation[] {
    switch (event.kind) {
      case 'sent':
        return this.#sent(event);
      case 'received':
        return this.#received(event);
      case 'error':
        return this.#error(event);
    }
  }

  #sent(event: UdpSent): readonly UdpObservation[] {
    const datagram = this.#byId.get(event.id);
    if (datagram === undefined) return [];
    datagram.sent = event;
    const sent: UdpObservation = { kind: 'sent', sequence: datagram.sequence };
    return [sent, ...answered(datagram)];
  }

  #received(event: UdpReceived): readonly UdpObservation[] {
    if (plain(event.address) !== this.#address || event.port !== this.#port) return [];
    const sequence = this.#payloads.sequenceOf(event.payload);
    const datagram = this.#bySequence.get(sequence ?? -1);
    if (sequence === null || datagram === undefined) return [{ kind: 'mismatch', bytes: event.payload.length }];
    if (datagram.answer !== null) return [{ kind: 'duplicate', sequence }];
    const flaws = this.#payloads.flawsOf(event.payload, sequence);
    datagram.answer = { received: event, arrival: this.#arrivals++, flaws };
    return answered(datagram);
  }

  #error({ id, code, origin, payload, offender }: UdpError): readonly UdpObservation[] {
    const refused = id === undefined ? undefined : this.#byId.get(id);
    const quoted = this.#bySequence.get(this.#payloads.sequenceOf(payload) ?? -1);
    const datagram = refused ?? quoted;
    if (datagram !== undefined) datagram.failed = true;
    if (refused !== undefined) return [{ kind: 'not_sent', sequence: refused.sequence, code }];
    return [{ kind: 'error', code, reporter: origin === 'local' ? 'local' : 'network', from: offender ?? null }];
  }
}

const isDecided = ({ failed, sent, answer }: Datagram): boolean => failed || (sent !== null && answer !== null);

/** The observation of an answer, once both of its ends are known. */
function answered({ sequence, sent, answer }: Datagram): readonly UdpObservation[] {
  if (sent === null || answer === null) return [];
  const { rttNs, stamp } = roundTrip(sent, answer.received);
  return [{ kind: 'answered', sequence, rttMs: rttNs / 1e6, stamps: stamp, arrival: answer.arrival, ...answer.flaws }];
}

/** One way to write each address, without a zone. */
const plain = (address: string): string => formatIpAddress(parseIpAddress(address.split('%')[0] ?? '').bytes);
