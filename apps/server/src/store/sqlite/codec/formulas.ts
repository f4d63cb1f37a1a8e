import type { MetricValue } from '@netsonde/probes/catalog';
import { MOS_PREDICTOR, predictFromSamples, predictMos, SAMPLE_PREDICTORS } from './predictors.ts';
import type { Samples } from './row.ts';

/** Formulas per source: a formula's number is its kind plus this many times the place of what it reads. */
const KINDS = 16;

/** The formulas of one record: over its samples, and over the metric before. */
export class Formulas {
  readonly #samples: readonly (readonly (number | null)[])[];
  readonly #given: (Float64Array | undefined)[] = [];

  constructor(samples: Samples | undefined, order: readonly string[]) {
    this.#samples = samples === undefined ? [] : order.map((id) => samples[id] ?? []);
  }

  /** A formula that gives this very double; null where none does. `before` is the value written before it. */
  find(value: number, before: MetricValue | undefined): number | null {
    for (let source = 0; source < this.#samples.length; source += 1) {
      const given = this.#of(source);
      for (let kind = 0; kind < SAMPLE_PREDICTORS.length; kind += 1)
        if (Object.is(given[kind], value)) return source * KINDS + kind;
    }
    return typeof before === 'number' && Object.is(predictMos(before), value) ? MOS_PREDICTOR : null;
  }

  /** Whether a formula gives this very double. */
  gives(formula: number, value: number, before: MetricValue | undefined): boolean {
    if (formula === MOS_PREDICTOR) return typeof before === 'number' && Object.is(predictMos(before), value);
    return Object.is(this.#of(Math.floor(formula / KINDS))[formula % KINDS], value);
  }

  value(formula: number, before: MetricValue | undefined): number {
    if (formula === MOS_PREDICTOR && typeof before === 'number') return predictMos(before);
    const value = this.#of(Math.floor(formula / KINDS))[formula % KINDS];
    if (value === undefined || Number.isNaN(value))
      throw new RangeError(`stored bytes name formula ${formula}: unknown`);
    return value;
  }

  #of(source: number): Float64Array {
    let given = this.#given[source];
    if (given === undefined) {
      given = predictFromSamples(this.#samples[source] ?? []);
      this.#given[source] = given;
    }
    return given;
  }
}
