import type { Verdict } from '@netsonde/probes/catalog';

/** One line of a chart and its points, in order of time. */
export interface ChartLine {
  readonly key: string;
  readonly label: string;
  /** The common part of its lines where a chart has lines of several checks. */
  readonly group?: string | undefined;
  readonly agent: number;
  readonly agentName: string;
  readonly target: number;
  readonly address: string;
  readonly instance: string;
  /** Longest time between two points where nothing is missing, ms. */
  readonly stepMs: number;
  /** Epoch ms, ascending. */
  readonly at: readonly number[];
  /** null: the metric was absent there. */
  readonly value: readonly (number | null)[];
  readonly min?: readonly (number | null)[] | undefined;
  readonly max?: readonly (number | null)[] | undefined;
  readonly verdict: readonly Verdict[];
  /** Age from which its newest point is too old for a current verdict, ms; undefined: the line has no verdict. */
  readonly notHeardAfterMs?: number | undefined;
  /** How often the metric was absent, by reason. */
  readonly absent: Readonly<Record<string, number>>;
}
