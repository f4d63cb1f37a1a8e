import type { AgentRow } from './agent-row.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The labels by which tests select an agent: the administrator's, and the agent's own if its token allows that. The
 * administrator's value wins for a label that both set.
 */
export function selectingLabels({
  labels,
  own_labels,
  own_labels_select,
}: Pick<AgentRow, 'labels' | 'own_labels' | 'own_labels_select'>): Labels {
  const given = JSON.parse(labels) as Labels;
  return own_labels_select === 0 ? given : { ...(JSON.parse(own_labels) as Labels), ...given };
}
