import { endpoint } from '../contract/network-error.ts';
import type { Json } from '../contract/outcome.ts';

/** One attempt to connect, in the form of details; `code` is absent if it connected. */
export interface ShownAttempt {
  readonly address: string;
  readonly startedMs: number;
  readonly tookMs: number;
  readonly code?: string;
}

/** The attempts of a race to connect; `connection` is the one that won it. */
export interface Raced {
  readonly failed: readonly (Pick<ShownAttempt, 'address' | 'startedMs'> & {
    readonly afterMs: number;
    readonly code: string;
  })[];
  readonly connection: (Pick<ShownAttempt, 'address' | 'startedMs'> & { readonly connectMs: number }) | null;
}

/** The attempts of a race, as {@link attemptsDetail} shows them. */
export function attemptsOf({ failed, connection }: Raced, port: number): { readonly attempts?: readonly Json[] } {
  const lost = failed.map(({ address, startedMs, afterMs, code }) => ({ address, startedMs, tookMs: afterMs, code }));
  if (connection === null) return attemptsDetail(lost, port);
  const { address, startedMs, connectMs } = connection;
  return attemptsDetail([...lost, { address, startedMs, tookMs: connectMs }], port);
}

/**
 * The attempts of a run to connect, in the order of their starts: each address, its start after the first attempt, its
 * duration and its result. Empty if the only attempt connected.
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
