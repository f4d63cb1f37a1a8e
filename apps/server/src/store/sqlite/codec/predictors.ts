/**
 * Numbers that follow exactly from a run's samples need not be stored twice: the store keeps which of these formulas
 * gives the very same double, and computes it again when it reads. They are part of the file format: a formula is never
 * changed, a new one gets a new place at the end. Only +, -, *, / and the square root are used, which IEEE 754 defines
 * to the last bit on every machine.
 */
export const SAMPLE_PREDICTORS = ['min', 'avg', 'median', 'p95', 'max', 'stddev', 'jitter', 'ipdv', 'loss'] as const;
/** Predicts from another metric of the run: the mean opinion score of an R-factor. */
export const MOS_PREDICTOR = SAMPLE_PREDICTORS.length;

/** What each formula gives for these samples; NaN where it gives nothing. */
export function predictFromSamples(samples: readonly (number | null)[]): Float64Array {
  const found = new Float64Array(SAMPLE_PREDICTORS.length).fill(Number.NaN);
  const sorted = measuredInOrder(samples);
  if (samples.length > 0) found[8] = (100 * (samples.length - sorted.length)) / samples.length;
  const count = sorted.length;
  if (count === 0) return found;
  const { jitter, ipdv } = variation(samples);
  sortNumbers(sorted);
  const min = at(sorted, 0);
  const avg = mean(sorted, min);
  const upper = at(sorted, count >> 1);
  const lower = at(sorted, (count >> 1) - 1);
  found[0] = min;
  found[1] = avg;
  found[2] = count % 2 === 1 ? upper : lower + (upper - lower) / 2;
  found[3] = at(sorted, Math.max(1, Math.ceil((95 * count) / 100 - 1e-9)) - 1);
  found[4] = at(sorted, count - 1);
  found[5] = stddev(sorted, avg);
  found[6] = jitter;
  found[7] = ipdv;
  return found;
}

/** ITU-T G.107 Annex B, held at 1 below R = 6.5. */
export function predictMos(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

function measuredInOrder(samples: readonly (number | null)[]): Float64Array {
  const measured = new Float64Array(samples.length);
  let count = 0;
  for (const sample of samples) if (sample !== null) measured[count++] = sample;
  return measured.subarray(0, count);
}

function sortNumbers(values: Float64Array): void {
  if (values.length > 40) {
    values.sort();
    return;
  }
  for (let i = 1; i < values.length; i += 1) {
    const value = at(values, i);
    let place = i;
    while (place > 0 && at(values, place - 1) > value) {
      values[place] = at(values, place - 1);
      place -= 1;
    }
    values[place] = value;
  }
}

function mean(sorted: Float64Array, min: number): number {
  let sum = 0;
  for (let i = 0; i < sorted.length; i += 1) sum += at(sorted, i) - min;
  return min + sum / sorted.length;
}

function stddev(sorted: Float64Array, avg: number): number {
  if (sorted.length < 2) return Number.NaN;
  let squares = 0;
  let deviations = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    const deviation = at(sorted, i) - avg;
    squares += deviation ** 2;
    deviations += deviation;
  }
  return Math.sqrt(Math.max(0, squares - deviations ** 2 / sorted.length) / (sorted.length - 1));
}

function variation(samples: readonly (number | null)[]): { jitter: number; ipdv: number } {
  let jitter = Number.NaN;
  let received: number | null = null;
  let before: number | null = null;
  let sum = 0;
  let pairs = 0;
  for (const sample of samples) {
    if (sample !== null && received !== null) {
      const from = Number.isNaN(jitter) ? 0 : jitter;
      jitter = from + (Math.abs(sample - received) - from) / 16;
    }
    if (sample !== null && before !== null) {
      sum += Math.abs(sample - before);
      pairs += 1;
    }
    if (sample !== null) received = sample;
    before = sample;
  }
  return { jitter, ipdv: pairs === 0 ? Number.NaN : sum / pairs };
}
