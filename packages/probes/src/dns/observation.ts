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
  /** The records that answer the question, aliases on the way to them included. */
  readonly records: readonly AnswerRecord[];
  /** Records of the answer section that answer another question, signatures not counted. */
  readonly unrelatedRecords: number;
  /** Records of the answer section whose data are not as long as their type demands. */
  readonly malformedRecords: number;
  /** With NOERROR and no record of the type asked for: the name has none, or another server is named for it. */
  readonly negative: 'no_data' | 'referral' | null;
  /** The authority or the additional section could not be read. */
  readonly unreadableTail: boolean;
}

/** Messages that were no answer, of one query. */
export interface Ignored {
  readonly count: number;
  readonly why: readonly Mismatch[];
}

/** What became of one query. */
export type Asked = { readonly ignored: Ignored } & (
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
      readonly address: string;
      readonly transport: Transport;
      /** The test names it, so that it is part of what is measured; otherwise it is the system's. */
      readonly named: boolean;
      /** What is asked for, without the last dot. */
      readonly name: string;
    }
  | { readonly kind: 'connected'; readonly ms: number; readonly protocol: string | null }
  | { readonly kind: 'not_connected'; readonly fault: NetworkFault; readonly operation: string }
  | { readonly kind: 'cache'; readonly asked: Asked }
  /** The resolver refused a query with an OPT record; what follows is asked without. */
  | { readonly kind: 'edns_refused'; readonly asked: Asked; readonly before: 'cache' | 'question' }
  /** An answer over UDP was cut; what follows is asked over TCP. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'asked'; readonly asked: Asked };
