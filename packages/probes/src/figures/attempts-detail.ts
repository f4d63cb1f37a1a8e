import { endpoint } from '../contract/network-error.ts';
import type { Json } from '../contract/outcome.ts';

/** One attempt to connect, as details show it; `code` is absent where it connected. */
export interface ShownAttempt {
  readonly address: string;
  readonly startedMs: number;
  readonly tookMs: number;
  readonly code?: string;
}

/**
 * The attempts of a run to connect, in the order of their starts: each address, when its attempt began after the first one,
 * how long it took, and how it ended. Nothing where the only one connected.
 */
export function attemptsDetail(
  attempts: readonly ShownAttempt[],
  port: number,
): { readonly attempts?: readonly Json[] } {
  if (attempts.every(({ code }) => code === undefined) && attempts.length <= 1) return {};
  const inOrder = attempts.toSorted((a, b) => a.startedMs - b.startedMs);
  return {
    attempts: inOrder.map(({ address, startedMs, tookMs, code }) => ({
      address: endpoint(address, port),
      started_ms: rounded(startedMs),
      took_ms: rounded(tookMs),
      outcome: code ?? 'connected',
    })),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
