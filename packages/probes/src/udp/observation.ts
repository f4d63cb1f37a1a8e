import type { Reporter } from '../contract/network-error.ts';

/** Which clock both ends of a round trip were read from. */
export type StampSource = 'kernel' | 'process';

/**
 * The observations of a udp run, in order of occurrence. `sequence` counts the datagrams of the run from 0; null where
 * the answer or the error does not identify one.
 */
export type UdpObservation =
  | { readonly kind: 'target'; readonly address: string; readonly family: 4 | 6; readonly reason?: string }
  | { readonly kind: 'sent'; readonly sequence: number }
  /** The kernel refused to send a datagram. */
  | { readonly kind: 'not_sent'; readonly sequence: number; readonly code: string }
  /** The first answer to a datagram; late ones too. */
  | {
      readonly kind: 'answered';
      readonly sequence: number;
      readonly rttMs: number;
      readonly stamps: StampSource;
      /** Place among the first answers in order of arrival; their send stamps can arrive later. */
      readonly arrival: number;
      /** It has fewer bytes than were sent. */
      readonly truncated?: boolean;
      /** It has other bytes than were sent, or more. */
      readonly corrupted?: boolean;
    }
  /** A further answer to an answered datagram. */
  | { readonly kind: 'duplicate'; readonly sequence: number }
  /** A datagram from the target in which nothing that was sent can be recognised. */
  | { readonly kind: 'mismatch'; readonly bytes: number }
  /** An ICMP error, or an error of this host, about a sent datagram; `from` is the reporter, if known. */
  | { readonly kind: 'error'; readonly code: string; readonly reporter: Reporter; readonly from: string | null }
  /** This process was stalled while it should have listened. Without kernel stamps, answers in time then look late. */
  | { readonly kind: 'stalled' }
  /** The run was stopped while these were in flight: neither answered nor lost. */
  | { readonly kind: 'stopped'; readonly undecided: readonly number[] };
