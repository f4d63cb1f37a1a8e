import type { Rejection } from '@netsonde/protocol';
import type { StoreError } from '../store/store-error.ts';

/** Ends a session. The message is sent to the agent and says what to do. */
export class SessionRejection extends Error {
  override readonly name = 'SessionRejection';
  readonly code: Rejection;
  /** Whether the agent may retry automatically. */
  readonly retry: boolean;
  constructor(code: Rejection, message: string, retry: boolean) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

/** The server failed to read or write its data. The message has the cause, except for an internal fault, which is logged. */
export function storeFault({ code, message }: StoreError): SessionRejection {
  if (code === 'closed') return new SessionRejection('shutting_down', SHUTTING_DOWN, true);
  const what = code === 'internal' ? 'the server has a fault: see its log' : `on the server: ${message}`;
  return new SessionRejection('store_fault', what, true);
}

export const SHUTTING_DOWN = 'the server is shutting down: the agent keeps its results and comes back';

/** A frame that this server does not understand. */
export function badMessage(why: string): SessionRejection {
  return new SessionRejection('bad_message', `this frame is not understood: ${why}`, true);
}
