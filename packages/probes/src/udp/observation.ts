import type { Reporter } from '../contract/network-error.ts';

/** Which clock both ends of a round trip were read from. */
export type StampSource = 'kernel' | 'process';

/**
 * What a udp run sees, in the order in which it happens. `sequence` counts the datagrams of the run from 0; null where
 * the answer or the error does not tell which one it belongs to.
 */
export type UdpObservation =
  | { readonly kind: 'target'; readonly address: string; readonly family: 4 | 6; readonly reason?: string }
  | { readonly kind: 'sent'; readonly sequence: number }
  /** The kernel did not take a datagram for sending. */
  | { readonly kind: 'not_sent'; readonly sequence: number; readonly code: string }
  /** The first answer to a datagram; late ones too. */
  | {
      readonly kind: 'answered';
      readonly sequence: number;
      readonly rttMs: number;
      readonly stamps: StampSource;
      /** Place among the first answers in the order in which they came; the stamp of the sending can come after them. */
      readonly arrival: number;
      /** It has fewer bytes than were sent. */
      readonly truncated?: boolean;
      /** It has other bytes than were sent, or more. */
      readonly corrupted?: boolean;
    }
  /** Another answer to a datagram that had been answered. */
  | { readonly kind: 'duplicate'; readonly sequence: number }
  /** A datagram from the target in which nothing that was sent can be recognised. */
  | { readonly kind: 'mismatch'; readonly bytes: number }
  /** An ICMP error, or an error of the own host, about what was sent; `from` is who reported it, if known. */
  | { readonly kind: 'error'; readonly code: string; readonly reporter: Reporter; readonly from: string | null }
  /** This process stood still while it should have listened: without kernel stamps what it got in time looks late. */
  | { readonly kind: 'stalled' }
  /** The run was stopped while these were still under way: neither answered nor lost. */
  | { readonly kind: 'stopped'; readonly undecided: readonly number[] };
