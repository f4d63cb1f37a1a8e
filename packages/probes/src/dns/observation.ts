import type { NetworkFault } from '../contract/network-error.ts';
import type { Json, Span } from '../contract/outcome.ts';
import type { AddressReason } from '../net/choose-address.ts';
import type { ConnectTiming } from '../net/handshake-time.ts';
import type { Transport } from './resolver-option.ts';

/** Why a received message is not an answer to the query: no DNS message, another id, another question ... */
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

/** The content of a response. */
export interface DnsResponse {
  readonly rcode: number;
  /** Whether it carries an OPT record: the server speaks EDNS. */
  readonly edns: boolean;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly authenticated: boolean;
  readonly recursionAvailable: boolean;
  /** The records that answer the question, including the aliases that lead to them. */
  readonly records: readonly AnswerRecord[];
  /** Records of the answer section that answer another question, signatures not counted. */
  readonly unrelatedRecords: number;
  /** Records of the answer section whose length does not fit their type. */
  readonly malformedRecords: number;
  /**
   * For NOERROR without a record of the requested type: the name has none, or the response refers to another server.
   */
  readonly negative: 'no_data' | 'referral' | null;
  /** The authority or the additional section could not be read. */
  readonly unreadableTail: boolean;
}

/** Messages to one query that were not answers. */
export interface Ignored {
  readonly count: number;
  readonly why: readonly Mismatch[];
}

/** The result of one query. */
export type Asked = { readonly ignored: Ignored } & (
  | {
      readonly end: 'answered';
      readonly answer: DnsResponse;
      readonly ms: number;
      readonly stamps: 'kernel' | 'process';
      /** When the process's clock timed it; empty: the kernel's did. */
      readonly during: readonly Span[];
      /** Queries sent until the answer arrived, including this one. */
      readonly sent: number;
    }
  | { readonly end: 'silent'; readonly sent: number }
  | { readonly end: 'failed'; readonly fault: NetworkFault; readonly operation: string }
);

/** The observations of a dns run, in order. */
export type DnsObservation =
  | {
      readonly kind: 'resolver';
      /** Address and port; the name and the port if several addresses are raced. */
      readonly at: string;
      /** The first of those if several are raced. */
      readonly address: string;
      /** Why UDP uses this address. */
      readonly reason: AddressReason;
      readonly transport: Transport;
      /** The test names it, so it is part of what is measured. Otherwise it is the system's. */
      readonly named: boolean;
      /** The queried name, without the last dot. */
      readonly name: string;
    }
  | {
      readonly kind: 'connected';
      readonly ms: number;
      readonly by: ConnectTiming;
      /** When the process's clock timed it; empty: the kernel's did. */
      readonly during: readonly Span[];
      readonly protocol: string | null;
      readonly address: string;
      /** Address and port. */
      readonly at: string;
      readonly attempts: readonly Json[];
    }
  | {
      readonly kind: 'not_connected';
      readonly fault: NetworkFault;
      readonly operation: string;
      readonly attempts: readonly Json[];
    }
  | { readonly kind: 'cache'; readonly asked: Asked }
  /** The resolver refused a query with an OPT record; later queries have none. */
  | { readonly kind: 'edns_refused'; readonly asked: Asked; readonly before: 'cache' | 'question' }
  /** An answer over UDP was truncated; later queries use TCP. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'asked'; readonly asked: Asked };
