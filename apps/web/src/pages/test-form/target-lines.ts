import { normalTarget } from '@netsonde/probes/catalog';
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

/**
 * Parses one target per line, followed by its labels. Each must be valid for every probe that will measure it.
 * @param stored addresses that the test has already: two of them may be spellings of one target
 */
export function readTargetLines(
  text: string,
  probes: readonly ProbeInfo[],
  stored: ReadonlySet<string> = new Set(),
): TargetLines {
  const targets: TargetLine[] = [];
  const problems: string[] = [];
  const seen = new Map<string, string>();
  text.split('\n').forEach((line, index) => {
    const written = line.trim();
    if (written === '') return;
    const [address = '', ...rest] = written.split(/\s+/);
    try {
      const key = probes.length === 0 ? address : JSON.stringify(probes.map((probe) => normalFor(probe, address)));
      const other = seen.get(key);
      if (other === address) throw new Error(`${address} is there twice: leave one out`);
      if (other !== undefined && !(stored.has(other) && stored.has(address)))
        throw new Error(`${address} is the same target as ${other}: leave one out`);
      seen.set(key, address);
      targets.push({ address, labels: parseLabels(rest.join(' ')) });
    } catch (error) {
      problems.push(`Line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { targets, problems };
}

function normalFor({ label, target }: ProbeInfo, address: string): string {
  try {
    return normalTarget(target, address);
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
