import { formatValue, symbolOf, type Unit } from '@netsonde/metrics';

/** A measured value. Times in ms, rates in bit/s, sizes in bytes, percentages 0 to 100. */
export type MetricValue = number | string | boolean;

/**
 * Whose clock reads a figure. `kernel`: the kernel's stamps, where the host has them (`Outcome.stamps` counts them).
 * `process`: the process's monotonic clock, so a stalled process falsifies it. `elsewhere`: not timed in this run: the
 * far end reports it, or it was known before.
 */
export type MetricTiming = 'kernel' | 'process' | 'elsewhere';

/** Name, display, storage and aggregation of one metric of a probe. Pure data. */
export interface MetricDescriptor {
  /** snake_case, ends in its unit (`rtt_avg_ms`); counts, codes, booleans and texts have none. */
  readonly id: string;
  /** Display name, without the unit: "Average round trip". */
  readonly label: string;
  /** One sentence: from which event to which event, or what is counted. */
  readonly description: string;
  readonly kind: 'float' | 'integer' | 'boolean' | 'text';
  /** null for counts, codes, booleans and texts. */
  readonly unit: Unit | null;
  /** It may be below zero, or a share above 100, although its unit usually is not. */
  readonly signed?: boolean;
  readonly better: 'lower' | 'higher' | 'neither';
  /** How several values of one series are aggregated; `none`: no meaningful aggregate (texts, codes). */
  readonly aggregate: 'mean' | 'sum' | 'min' | 'max' | 'last' | 'none';
  /** Keep a mergeable quantile sketch in rollups. */
  readonly sketch?: boolean;
  /** Set for each figure that is a time or is computed from times; absent for counts, codes and texts. */
  readonly timed?: MetricTiming;
  /**
   * Answers that did not arrive count in it, as in a share of lost packets. `execute` makes it absent where the fault
   * is the agent's, because it would then blame the path or the target. `if_zero`: it counts answers of one kind, so
   * only a zero does.
   */
  readonly countsSilence?: 'always' | 'if_zero';
  /** Standard and section that defines it, or the kernel or protocol field it is read from. */
  readonly source: string;
  /** Named derivation from other metrics of the same run, where a standard defines one. */
  readonly derivedFrom?: readonly string[];
  /** For a metric that is a code: names by number, shown as `SERVFAIL (2)`. */
  readonly codes?: Readonly<Record<number, string>>;
  /** Shown to the last digit in its unit, as sizes of packets are: `1,448 B`, not `1.41 KiB`. */
  readonly exact?: boolean;
  /** Lists and charts show it first. */
  readonly headline?: boolean;
}

/** Values measured several times in one run, e.g. each RTT, in raw form; null where an observation was lost. */
export interface SampleDescriptor {
  /** snake_case and unit, e.g. `rtts_ms`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly unit: Unit | null;
  /** As {@link MetricDescriptor.signed}. */
  readonly signed?: boolean;
  /** As {@link MetricDescriptor.timed}. */
  readonly timed?: MetricTiming;
}

/** The samples of a run, by sample id, in send order. */
export type Samples = Readonly<Record<string, readonly (number | null)[]>>;

/** A code's value for display, `SERVFAIL (2)`; null where the metric has no codes, or none with this number. */
export function codeText(metric: Pick<MetricDescriptor, 'codes'> | undefined, value: MetricValue): string | null {
  const name = typeof value === 'number' ? metric?.codes?.[value] : undefined;
  return name === undefined ? null : `${name} (${value})`;
}

/** A measured value for display: with its unit, or as a code with its name. */
export function valueText(
  metric: Pick<MetricDescriptor, 'codes' | 'exact' | 'unit'> | undefined,
  value: MetricValue,
): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const unit = metric?.unit ?? undefined;
  if (metric?.exact === true) return `${value.toLocaleString('en')}${unit === undefined ? '' : ` ${symbolOf(unit)}`}`;
  return codeText(metric, value) ?? formatValue(value, unit);
}
