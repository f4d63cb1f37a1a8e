import type { Agent } from '@netsonde/protocol/api';

type Labels = Agent['labels'];

interface LabelsBySource {
  /** Only by an administrator. */
  readonly given: Labels;
  /** By an administrator, and by the agent with the same value. */
  readonly both: Labels;
  /** Only by the agent, or with another value than the administrator's. */
  readonly declared: Labels;
}

/** Each label of an agent once, by who gave it. */
export function labelsBySource({ labels, ownLabels }: Pick<Agent, 'labels' | 'ownLabels'>): LabelsBySource {
  const only = (all: Labels, keep: (key: string, value: string) => boolean): Labels =>
    Object.fromEntries(Object.entries(all).filter(([key, value]) => keep(key, value)));
  return {
    given: only(labels, (key, value) => ownLabels[key] !== value),
    both: only(labels, (key, value) => ownLabels[key] === value),
    declared: only(ownLabels, (key, value) => labels[key] !== value),
  };
}
