import type { Finding, Json, Span } from '../contract/outcome.ts';
import type { ConnectTiming } from '../net/handshake-time.ts';
import type { Irregularity } from '../net/http1/irregularity.ts';
import type { ContentFault } from './content/judge-body.ts';

/** The state of a connection at the time of a request. Times in ms of the run's monotonic clock. */
export interface Connected {
  readonly address: string;
  /** null: kept from an earlier request. */
  readonly connectMs: number | null;
  readonly connectBy: ConnectTiming | null;
  /** When the process's clock timed connecting; empty: it did not. */
  readonly connectDuring: readonly Span[];
  /** null: no TLS, or kept from an earlier request. */
  readonly tlsMs: number | null;
  /** When the handshake took place; empty: there was none. */
  readonly tlsDuring: readonly Span[];
  readonly tls: TlsFacts | null;
}

/** The TLS side of a connection. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  /** End of the leaf's validity, epoch ms. */
  readonly notAfterMs: number | null;
  readonly issuer: string;
  /** OpenSSL's code for the certificate's fault, `HOSTNAME_MISMATCH` included; null when it verifies. */
  readonly fault: string | null;
}

/** The head of an answer. Times in ms since the transaction's start. */
export interface Head {
  readonly status: number;
  /** `HTTP/1.1`. */
  readonly protocol: string;
  /** Name, value, name, value ... as received. */
  readonly rawHeaders: readonly string[];
  readonly firstByteMs: number;
  /** From the request's start to its first byte: without connecting. */
  readonly waitMs: number;
  /** Violations of HTTP that the reader tolerated. */
  readonly irregularities: ReadonlySet<Irregularity>;
}

/** One request and its answer on one connection. */
export interface Hop {
  readonly url: string;
  /** Time in the resolver; null where the host is an address or was resolved before in this run. */
  readonly dnsMs: number | null;
  /** When the host was resolved; empty where `dnsMs` is null. */
  readonly dnsDuring: readonly Span[];
  readonly connection: Connected | null;
  readonly head: Head | null;
  /** Addresses that failed before. */
  readonly failedAttempts: readonly { readonly address: string; readonly error: string }[];
  /** All attempts to connect, as details show them; absent where the only one connected. */
  readonly attempts?: readonly Json[];
  /** When the hop ended, well or not, ms since the transaction's start. */
  readonly endMs: number;
  /** TCP payload received meanwhile. */
  readonly wireBytes: number;
  /** Whether this run already had a connection to this origin. */
  readonly originKnown: boolean;
}

/** The body of the final answer. */
export interface Body {
  /** Bytes of content as transferred, transfer coding undone. */
  readonly encodedBytes: number;
  /** Size after decoding the content encoding; null: not decodable, or too large. */
  readonly decodedBytes: number | null;
  /** `gzip`; null when not encoded. */
  readonly encoding: string | null;
  /** Reading stopped at the owner's limit. */
  readonly truncated: boolean;
  /** TCP payload received after the first read of the answer. */
  readonly bytesAfterFirstRead: number;
}

/** A request with the redirects that it followed. */
export interface Transaction {
  readonly kind: 'transaction';
  /** `plain` ones are judged; the others measure caches. */
  readonly role: 'plain' | 'revalidation' | 'edge' | 'forced';
  readonly hops: readonly Hop[];
  /** Its start on the run's monotonic clock, ms. */
  readonly startedMs: number;
  /** Why it failed; null when the final answer arrived completely, or up to the owner's limit. */
  readonly fault: Finding | null;
  readonly body: Body | null;
  readonly contentFaults: readonly ContentFault[];
  /** Wall clock at its end, epoch ms. */
  readonly wallMs: number;
}

export type HttpObservation = Transaction;
