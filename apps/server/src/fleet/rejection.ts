import type { Rejection } from '@netsonde/protocol';

/** Ends a session; the message goes to the agent and says what to do. */
export class SessionRejection extends Error {
  override readonly name = 'SessionRejection';
  readonly code: Rejection;
  /** Whether the agent may try again by itself. */
  readonly retry: boolean;
  constructor(code: Rejection, message: string, retry: boolean) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

/** A frame that this server does not understand. */
export function badMessage(why: string): SessionRejection {
  return new SessionRejection('bad_message', `this frame is not understood: ${why}`, true);
}
