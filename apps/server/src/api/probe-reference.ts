import type { MetricDescriptor, OptionField, TargetGrammar } from '@netsonde/probes/catalog';
import type { ProbeInfo } from '@netsonde/protocol/api';
import { escapeHtml, htmlTable } from './html.ts';

/** Section of the reference with a probe's options and metrics, generated from its declaration. */
export function probeReference({ id, label, summary, target, options, metrics, samples, instance }: ProbeInfo): string {
  const sections = [
    `<p>${escapeHtml(summary)}. Target: <code>${escapeHtml(targetForm(target))}</code></p>`,
    titled('Options', ['Option', 'Default', 'Takes', 'Meaning'], options.map(optionRow)),
    titled('Metrics', METRIC_HEADINGS, metrics.map(metricRow)),
    titled(
      'Samples',
      ['Sample', 'Unit', 'Meaning'],
      samples.map((sample) => [sample.id, sample.unit ?? '', sample.description]),
    ),
    instance === null
      ? ''
      : titled(`Metrics of each ${instance.label}`, METRIC_HEADINGS, instance.metrics.map(metricRow)),
  ];
  return `<details><summary><b>${escapeHtml(id)}</b> <span>${escapeHtml(label)}</span></summary>${sections.join('')}</details>`;
}

const METRIC_HEADINGS = ['Metric', 'Unit', 'Meaning', 'Source'];

function titled(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `<h3>${escapeHtml(title)}</h3>${htmlTable(headings, rows)}`;
}

const metricRow = ({ id, unit, description, source }: MetricDescriptor): readonly string[] => [
  id,
  unit ?? '',
  description,
  source,
];

const optionRow = (field: OptionField): readonly string[] => [
  field.name,
  field.default === undefined ? '' : JSON.stringify(field.default),
  takes(field),
  field.description,
];

function takes({ kind, choices, minimum, maximum, unit = '' }: OptionField): string {
  if (kind === 'choice') return choices.join(', ');
  if (minimum === undefined && maximum === undefined) return `${kind} ${unit}`.trim();
  return `${kind} from ${minimum ?? 'any'} to ${maximum ?? 'any'} ${unit}`.trim();
}

function targetForm(target: TargetGrammar): string {
  return target.form === 'host[:port]' ? `host[:port], port ${target.defaultPort} by default` : target.form;
}
