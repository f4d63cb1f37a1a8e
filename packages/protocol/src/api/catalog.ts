import type {
  Catalog,
  MetricDescriptor,
  OptionField,
  ProbeDescriptor,
  SampleDescriptor,
  TargetGrammar,
} from '@netsonde/probes/catalog';
import { optionFields } from '@netsonde/probes/catalog';

/** A probe's declaration as plain JSON: what `GET /api/v1/catalog` gives, and all that forms and charts are made of. */
export interface ProbeInfo {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly target: TargetGrammar;
  readonly options: readonly OptionField[];
  readonly metrics: readonly MetricDescriptor[];
  readonly samples: readonly SampleDescriptor[];
  readonly instance: ProbeDescriptor['instance'];
}

export function catalogInfo(catalog: Catalog): readonly ProbeInfo[] {
  return Object.values(catalog).map(({ id, label, summary, target, options, metrics, samples, instance }) => ({
    id,
    label,
    summary,
    target,
    options: optionFields(options),
    metrics,
    samples,
    instance,
  }));
}
