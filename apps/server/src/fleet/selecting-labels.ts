import type { AgentRow } from './agent-row.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The labels by which tests find an agent: the administrator's; and its own ones, where its token allowed that, as far as
 * the administrator has not set the same names.
 */
export function selectingLabels({
  labels,
  own_labels,
  own_labels_select,
}: Pick<AgentRow, 'labels' | 'own_labels' | 'own_labels_select'>): Labels {
  const given = JSON.parse(labels) as Labels;
  return own_labels_select === 0 ? given : { ...(JSON.parse(own_labels) as Labels), ...given };
}
