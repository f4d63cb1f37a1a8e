import type { NetworkFault } from '../contract/network-error.ts';
import type { Transport } from './resolver-option.ts';

/** Why something that came is no answer to the query: bytes that are no DNS message, another id, another question ... */
export type Mismatch = 'rubbish' | 'not_a_response' | 'id' | 'question';

/** One record of an answer, as text. */
export interface AnswerRecord {
  readonly name: string;
  readonly type: string;
  /** s */
  readonly ttl: number;
  /** As a zone file writes it, with single spaces: `10 mail.example.org`. */
  readonly data: string;
}

/** What a response says. */
export interface Answer {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly authenticated: boolean;
  readonly recursionAvailable: boolean;
  readonly records: readonly AnswerRecord[];
}

/** What became of one query. */
export type Asked = { readonly mismatches: readonly Mismatch[] } & (
  | {
      readonly end: 'answered';
      readonly answer: Answer;
      readonly ms: number;
      readonly stamps: 'kernel' | 'process';
      /** Queries that had been sent when the answer came, this one included. */
      readonly sent: number;
    }
  | { readonly end: 'silent'; readonly sent: number }
  | { readonly end: 'failed'; readonly fault: NetworkFault; readonly operation: string }
);

/** What a dns run sees, in its order. */
export type DnsObservation =
  | {
      readonly kind: 'resolver';
      /** Address and port. */
      readonly at: string;
      readonly transport: Transport;
      /** The test names it, so that it is part of what is measured; otherwise it is the system's. */
      readonly named: boolean;
      /** What is asked for, without the last dot. */
      readonly name: string;
    }
  | { readonly kind: 'connected'; readonly ms: number; readonly protocol: string | null }
  | { readonly kind: 'not_connected'; readonly fault: NetworkFault; readonly operation: string }
  | { readonly kind: 'cache'; readonly asked: Asked }
  /** An answer over UDP was cut; what follows is asked over TCP. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'asked'; readonly asked: Asked };
