import type { OUTCOME } from './boundary.ts';

/** One row of a `DoneMessage`. */
export interface TrainOutcome {
  readonly id: number;
  readonly rttsNs: Float64Array;
  readonly value: (column: keyof typeof OUTCOME) => number;
  readonly offender: Uint8Array;
}
