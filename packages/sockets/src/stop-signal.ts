/**
 * Ends a measurement early: the listening part of an `AbortSignal`, so any `AbortSignal` can be passed. It calls a
 * listener once, and never one that was added after the abort.
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
