import type { Agent } from '@netsonde/protocol/api';
import { Labels } from '../../components/labels.tsx';
import { Panel } from '../../components/panel.tsx';

/** Labels that the agent declares itself; hidden where it declares none. */
export function OwnLabels({ agent: { ownLabels, ownLabelsSelect } }: { readonly agent: Agent }) {
  if (Object.keys(ownLabels).length === 0) return null;
  return (
    <Panel title="Labels that the agent declares" note={ownLabelsSelect ? 'They select tests' : 'They select no tests'}>
      <Labels labels={ownLabels} />
    </Panel>
  );
}
