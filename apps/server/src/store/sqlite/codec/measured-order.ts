/** A result's place in the life of its agent. */
export interface MeasuredPlace {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * Order in which an agent measured the results of one series: above 0 where `a` was measured after `b`. Neither the
 * instants say so, since a wall clock can be set, nor the order of arrival, since a backlog arrives after live results.
 */
export const compareMeasured = (a: MeasuredPlace, b: MeasuredPlace): number => a.epoch - b.epoch || a.seq - b.seq;

/** Whether `a` was measured after `b`. */
export const isMeasuredAfter = (a: MeasuredPlace, b: MeasuredPlace): boolean => compareMeasured(a, b) > 0;
