import type { Agent } from '@netsonde/protocol/api';
import { Facts } from '../../components/facts.tsx';
import { Labels } from '../../components/labels.tsx';
import { Panel } from '../../components/panel.tsx';
import { labelsBySource } from './labels-by-source.ts';

/** The agent's labels, each once, by who gave them; hidden where it has none. */
export function AgentLabels({ agent }: { readonly agent: Agent }) {
  const { given, both, declared } = labelsBySource(agent);
  const rows = [
    ['Given by an administrator', given],
    ['Given by an administrator, and declared by the agent', both],
    [`Declared by the agent${agent.ownLabelsSelect ? '' : ': they select no tests'}`, declared],
  ] as const;
  const facts = rows
    .filter(([, labels]) => Object.keys(labels).length > 0)
    .map(([name, labels]) => [name, <Labels key={name} labels={labels} />] as const);
  if (facts.length === 0) return null;
  return (
    <Panel title="Labels">
      <Facts wide facts={facts} />
    </Panel>
  );
}
