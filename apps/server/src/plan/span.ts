/** One (agent, check, target) that is due in [fromMs, toMs), epoch ms. `toMs` null: open-ended. */
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
 * A new span begins this long after it is planned, ms. By then an online agent has received it, so that both ends
 * expect runs from the same instant.
 */
export const LEAD_MS = 500;

/**
 * An ended span stays with its agent for this long, ms. The last runs begin a moment after their instant or wait for a
 * slot, and the agent's clock may be behind.
 */
export const TAIL_MS = 5000;

/** Key of a span among those that are due now. */
export const spanKey = ({ agent, check, target }: Pick<Span, 'agent' | 'check' | 'target'>): string =>
  `${agent}/${check}/${target}`;

/** Whether the span has ended. */
export const isOver = ({ toMs }: Span, nowMs: number): boolean => toMs !== null && toMs <= nowMs;

/** Changes to the plan and to the table of spans. */
export interface SpanChanges {
  readonly added: readonly Span[];
  /** Spans with a new end. */
  readonly ended: readonly Span[];
  /** Spans that end now. */
  readonly closed: readonly Span[];
}
