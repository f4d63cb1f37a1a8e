import {
  ABSENCE_REASONS,
  CAUSES,
  type Catalog,
  type FigureRange,
  type MetricDescriptor,
  rangeOf,
  SIDES,
  VERDICTS,
} from '@netsonde/probes/catalog';
import { DROP_REASONS, MISSED_REASONS, RUN_FLAGS } from '@netsonde/protocol';

type Kind = MetricDescriptor['kind'];

/**
 * The words of the protocol that this version knows, and the declared metrics' kinds as plain data, so that the writer's thread need not
 * load the schema library and the probes to check records against them.
 */
export interface Vocabulary {
  readonly verdicts: ReadonlySet<string>;
  readonly causes: ReadonlySet<string>;
  readonly sides: ReadonlySet<string>;
  readonly absences: ReadonlySet<string>;
  readonly flags: ReadonlySet<string>;
  readonly missed: ReadonlySet<string>;
  readonly drops: ReadonlySet<string>;
  /** By probe: what it declares. */
  readonly probes: ReadonlyMap<string, ProbeKinds>;
}

/** The kind and the range of a metric's values; the range is of its numbers. */
export interface DeclaredMetric extends FigureRange {
  readonly kind: Kind;
}

/** A probe's metrics, those of its instances, and its samples, by id. */
export interface ProbeKinds {
  readonly metrics: ReadonlyMap<string, DeclaredMetric>;
  readonly instanceMetrics: ReadonlyMap<string, DeclaredMetric>;
  readonly samples: ReadonlyMap<string, FigureRange>;
}

/** Of a probe that this version does not know. */
export const NO_KINDS: ProbeKinds = { metrics: new Map(), instanceMetrics: new Map(), samples: new Map() };

export function vocabularyOf(catalog: Catalog): Vocabulary {
  const kinds = (metrics: readonly MetricDescriptor[]) =>
    new Map(metrics.map((metric) => [metric.id, { kind: metric.kind, ...rangeOf(metric) }]));
  return {
    verdicts: new Set(VERDICTS),
    causes: new Set(CAUSES),
    sides: new Set(SIDES),
    absences: new Set(ABSENCE_REASONS),
    flags: new Set(RUN_FLAGS),
    missed: new Set(MISSED_REASONS),
    drops: new Set(DROP_REASONS),
    probes: new Map(
      Object.values(catalog).map(({ id, metrics, instance, samples }) => [
        id,
        {
          metrics: kinds(metrics),
          instanceMetrics: kinds(instance?.metrics ?? []),
          samples: new Map(samples.map((one) => [one.id, rangeOf(one)])),
        },
      ]),
    ),
  };
}
