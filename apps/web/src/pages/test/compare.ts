import type { ChartLine } from '../../charts/chart-line.ts';
import { lineFigures } from '../../charts/line-figures.ts';

/** A metric's means, a row per target (and instance), a column per agent. */
export interface ComparedAgents {
  readonly agents: readonly string[];
  readonly rows: readonly {
    readonly target: string;
    /** In the order of `agents`; null: nothing was measured. */
    readonly means: readonly (number | null)[];
  }[];
  /** Largest mean without its sign; 0 where there is none. */
  readonly largest: number;
}

export function comparisonOf(lines: readonly ChartLine[]): ComparedAgents {
  const agents = [...new Set(lines.map(({ agentName }) => agentName))].sort();
  const targets = new Map<string, Map<string, number | null>>();
  for (const line of lines) {
    const name = [line.address, line.instance].filter(Boolean).join(' · ');
    const row = targets.get(name) ?? new Map<string, number | null>();
    targets.set(name, row.set(line.agentName, lineFigures(line).mean));
  }
  const rows = [...targets].map(([target, means]) => ({
    target,
    means: agents.map((agent) => means.get(agent) ?? null),
  }));
  const largest = rows
    .flatMap(({ means }) => means)
    .reduce<number>((most, mean) => Math.max(most, Math.abs(mean ?? 0)), 0);
  return { agents, rows, largest };
}
