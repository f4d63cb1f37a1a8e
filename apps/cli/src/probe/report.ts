import { inPlainWords, type Outcome, type ProbeDescriptor, type Target, valueText } from '@netsonde/probes/catalog';

/**
 * One local run as `--json` prints it. `timestamps` says `kernel` only where the kernel took every time. Where no time
 * was taken (a name that did not resolve) it does not say `kernel`, and both counts in `stamps` are 0.
 */
export function jsonReport(probe: ProbeDescriptor, target: Target, outcome: Outcome, log: readonly string[]): string {
  const { verdict, finding, metrics, absent, samples, instances, stamps, detail } = outcome;
  return JSON.stringify({
    probe: probe.id,
    target: target.text,
    verdict,
    ...(finding === undefined ? {} : { cause: finding.cause, side: finding.side, operation: finding.operation }),
    metrics,
    absent,
    timestamps: stamps.kernel > 0 && stamps.process === 0 ? 'kernel' : 'process',
    stamps,
    ...(instances === undefined ? {} : { instances }),
    detail: { ...detail, ...samplesWithoutUnit(probe, samples) },
    ...(verdict === 'up' ? {} : { log }),
  });
}

/** In `detail`, samples have their plain name: `rtts_ms` is `rtts`. */
function samplesWithoutUnit(probe: ProbeDescriptor, samples: Outcome['samples']): Record<string, unknown> {
  return Object.fromEntries(
    probe.samples.flatMap(({ id, unit }) => {
      const values = samples?.[id];
      return values === undefined ? [] : [[unit === null ? id : id.replace(new RegExp(`_${unit}$`), ''), values]];
    }),
  );
}

/** One local run as text: the verdict and its cause, each metric, and what could not be measured and why. */
export function readableReport(
  probe: ProbeDescriptor,
  target: Target,
  outcome: Outcome,
  log: readonly string[],
): string {
  const { verdict, finding, stamps } = outcome;
  const why = finding === undefined ? '' : ` (${finding.cause}, ${finding.side}: ${inPlainWords(finding.operation)})`;
  const lines = [`${probe.label} ${target.text}: ${verdict}${why}`, ''];
  const width = Math.max(...probe.metrics.map(({ label }) => label.length));
  for (const metric of probe.metrics) {
    const value = outcome.metrics[metric.id];
    if (value !== undefined) lines.push(`  ${metric.label.padEnd(width)}  ${valueText(metric, value)}`);
  }
  lines.push(...absences(probe, outcome));
  if (stamps.kernel + stamps.process > 0)
    lines.push('', `  Timed by the kernel: ${stamps.kernel}, by the process: ${stamps.process}`);
  if (verdict !== 'up' && log.length > 0) lines.push('', '  What happened:', ...log.map((line) => `    ${line}`));
  return lines.join('\n');
}

function absences(probe: ProbeDescriptor, { absent, metrics }: Outcome): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, label } of probe.metrics) {
    const reason = absent[id];
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), label]);
  }
  if (byReason.size === 0) return [];
  return [
    ...(Object.keys(metrics).length === 0 ? [] : ['']),
    '  Not measured:',
    ...[...byReason].map(([reason, labels]) => `    ${reason.replaceAll('_', ' ')}: ${labels.join('; ')}`),
  ];
}
