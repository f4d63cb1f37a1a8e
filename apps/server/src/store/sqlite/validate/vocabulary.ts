import {
  ABSENCE_REASONS,
  CAUSES,
  type Catalog,
  type MetricDescriptor,
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

/** Kinds of a probe's metrics and of those of its instances, and the ids of its samples. */
export interface ProbeKinds {
  readonly metrics: ReadonlyMap<string, Kind>;
  readonly instanceMetrics: ReadonlyMap<string, Kind>;
  readonly samples: ReadonlySet<string>;
}

/** Of a probe that this version does not know. */
export const NO_KINDS: ProbeKinds = { metrics: new Map(), instanceMetrics: new Map(), samples: new Set() };

export function vocabularyOf(catalog: Catalog): Vocabulary {
  const kinds = (metrics: readonly MetricDescriptor[]) => new Map(metrics.map(({ id, kind }) => [id, kind]));
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
          samples: new Set(samples.map((one) => one.id)),
        },
      ]),
    ),
  };
}
