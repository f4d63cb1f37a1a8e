import type { Rejection } from './packet.ts';

/** What an exchange with the server brought. */
export type NtpObservation =
  | { readonly kind: 'target'; readonly address: string }
  | { readonly kind: 'sent'; readonly index: number }
  | {
      readonly kind: 'answered';
      readonly index: number;
      readonly offsetMs: number;
      readonly delayMs: number;
      readonly stamps: 'kernel' | 'process';
      readonly leap: number;
      readonly stratum: number;
      readonly rootDelayMs: number;
      readonly rootDispersionMs: number;
      readonly reference: string;
      readonly version: number;
    }
  | { readonly kind: 'rejected'; readonly why: Rejection }
  /** The run was cut short. */
  | { readonly kind: 'stopped' }
  /** This host's doing: it refused to send, its gateway does not answer, or this process stood still. */
  | { readonly kind: 'local_fault'; readonly code: string }
  | { readonly kind: 'error'; readonly code: string; readonly from: string | null };
