/** One (agent, check, target) that is due from `fromMs` on, until `toMs` (exclusive; null: open). */
export interface Span {
  /** Row id; null before it is stored. */
  readonly id: number | null;
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/**
 * A new duty begins this long after it is decided, ms: by then an agent that is online has received it, so that both ends
 * count from the same instant.
 */
export const LEAD_MS = 500;

/**
 * A duty that has ended stays with its agent for this long, ms: the last runs begin a moment after their instant, or wait
 * for a place, and the agent's clock may be behind.
 */
export const TAIL_MS = 5000;

/** Names a span among those that are due now. */
export const spanKey = ({ agent, check, target }: Pick<Span, 'agent' | 'check' | 'target'>): string =>
  `${agent}/${check}/${target}`;

/** Nothing of the span is due any more. */
export const isOver = ({ toMs }: Span, nowMs: number): boolean => toMs !== null && toMs <= nowMs;

/** What has to change in the plan, and in the table of spans. */
export interface SpanChanges {
  readonly added: readonly Span[];
  /** Same span, another end. */
  readonly ended: readonly Span[];
  /** No longer due from now on. */
  readonly closed: readonly Span[];
}
