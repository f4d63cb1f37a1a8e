import type { Kiss } from './hold-offs.ts';
import type { HeaderFault, Rejection } from './packet.ts';

/** Offset and delay from the four times of one exchange, ms. */
export interface ExchangeTimes {
  readonly offsetMs: number;
  readonly delayMs: number;
  /** How far the true offset can be from `offsetMs`; null where a negative delay shows that a clock was wrong. */
  readonly boundMs: number | null;
}

/** The result of an exchange with the server. */
export type NtpObservation =
  | { readonly kind: 'target'; readonly address: string; readonly host: string; readonly reason: string }
  | { readonly kind: 'sent'; readonly index: number }
  | {
      readonly kind: 'answered';
      readonly index: number;
      /** null where the server's times cannot be used. */
      readonly times: ExchangeTimes | null;
      readonly stamps: 'kernel' | 'process';
      readonly leap: number;
      readonly stratum: number;
      readonly rootDelayMs: number;
      readonly rootDispersionMs: number;
      readonly reference: string;
      readonly version: number;
      readonly fault: HeaderFault | null;
    }
  /** The server had asked the agent to stop or slow down, so nothing was sent. */
  | { readonly kind: 'held_off'; readonly kiss: Kiss; readonly leftMs: number }
  | { readonly kind: 'rejected'; readonly why: Rejection }
  /** The run was cut short. */
  | { readonly kind: 'stopped' }
  /** This host's fault: it refused to send, or this process was stalled. */
  | { readonly kind: 'local_fault'; readonly code: string }
  | { readonly kind: 'error'; readonly code: string; readonly from: string | null };
