import { parseTarget } from '@netsonde/probes/catalog';
import type { ProbeInfo } from '@netsonde/protocol/api';
import { type LabelMap, parseLabels } from '../../components/label-text.ts';

export interface TargetLine {
  readonly address: string;
  readonly labels: LabelMap;
}

/** Targets as the user wrote them, and errors by line. */
export interface TargetLines {
  readonly targets: readonly TargetLine[];
  readonly problems: readonly string[];
}

/** Parses one target per line, followed by its labels. Each must be valid for every probe that will measure it. */
export function readTargetLines(text: string, probes: readonly ProbeInfo[]): TargetLines {
  const targets: TargetLine[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  text.split('\n').forEach((line, index) => {
    const written = line.trim();
    if (written === '') return;
    const [address = '', ...rest] = written.split(/\s+/);
    try {
      if (seen.has(address)) throw new Error(`${address} is there twice: leave one out`);
      seen.add(address);
      for (const probe of probes) checkFor(probe, address);
      targets.push({ address, labels: parseLabels(rest.join(' ')) });
    } catch (error) {
      problems.push(`Line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { targets, problems };
}

function checkFor({ label, target }: ProbeInfo, address: string): void {
  try {
    parseTarget(target, address);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} (${label})`);
  }
}

/** The format of a probe's targets, for users. */
export function targetHint({ label, target }: ProbeInfo): string {
  switch (target.form) {
    case 'host':
      return `${label}: a host name or address`;
    case 'host:port':
      return `${label}: host:port`;
    case 'host[:port]':
      return `${label}: host or host:port (port ${target.defaultPort} if left out)`;
    case 'name':
      return `${label}: a DNS name`;
    case 'url':
      return `${label}: a URL like https://host/path`;
  }
}
