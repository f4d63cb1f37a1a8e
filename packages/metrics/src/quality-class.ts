/** Quality of a delay in words, from best to worst. */
export const QUALITY_CLASSES = Object.freeze(['excellent', 'good', 'fair', 'poor', 'critical'] as const);

export type QualityClass = (typeof QUALITY_CLASSES)[number];

/**
 * Largest value, in ms, of each class. A value above `critical` is still in the class critical, the worst. Charts and
 * rules draw the line of "not usable" at that last threshold.
 */
export type QualityThresholds = Readonly<Record<QualityClass, number>>;

/** Thresholds until users set their own. */
export const DEFAULT_QUALITY_THRESHOLDS: QualityThresholds = Object.freeze({
  excellent: 50,
  good: 100,
  fair: 150,
  poor: 300,
  critical: 500,
});

/**
 * The first threshold that is not above the one before it, with what is wrong; undefined when the thresholds are fit
 * to use: finite, 0 or more and rising.
 */
export function qualityThresholdsProblem(thresholds: QualityThresholds): string | undefined {
  let previous = Number.NEGATIVE_INFINITY;
  for (const name of QUALITY_CLASSES) {
    const value = thresholds[name];
    if (!Number.isFinite(value) || value < 0) return `${name} must be a number of ms, 0 or more, got ${value}`;
    if (value <= previous) return `${name} must be above the threshold before it (${previous}), got ${value}`;
    previous = value;
  }
  return undefined;
}

/**
 * Class of a delay (an RTT unless said otherwise), ms. A delay equal to a threshold belongs to the better class.
 * Undefined for no delay: a lost packet is not a slow one.
 */
export function qualityClassOf(
  delayMs: number | undefined,
  thresholds: QualityThresholds = DEFAULT_QUALITY_THRESHOLDS,
): QualityClass | undefined {
  if (delayMs === undefined || !Number.isFinite(delayMs)) return undefined;
  return QUALITY_CLASSES.find((name) => delayMs <= thresholds[name]) ?? 'critical';
}
