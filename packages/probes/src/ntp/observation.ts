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
  | { readonly kind: 'not_sent'; readonly code: string }
  | { readonly kind: 'error'; readonly code: string; readonly from: string | null };
