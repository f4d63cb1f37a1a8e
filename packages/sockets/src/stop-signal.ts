/**
 * What ends a measurement early: the part of an `AbortSignal` that is listened to, which an `AbortSignal` is as well. A
 * listener is called once, and not when it is added after the end.
 */
export interface StopSignal {
  readonly aborted: boolean;
  /** Why; undefined until then. */
  readonly reason: unknown;
  /** @throws the reason */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
