import { formatValue } from '@netsonde/metrics';
import type { Agent } from '@netsonde/protocol/api';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/panel.tsx';

/** The agent's host, as it describes itself. */
export function SystemFacts({ agent }: { readonly agent: Agent }) {
  const system = agent.system;
  return (
    <Panel title="System">
      {system === null ? (
        <p className="muted">The agent describes its host when it connects.</p>
      ) : (
        <Facts
          facts={[
            ['Host name', system.hostname],
            agent.listening === null
              ? ['Connects from', agent.address ?? '–']
              : ['The server dials', agent.listening.url],
            ['Own addresses', system.addresses.join(', ') || '–'],
            ['System', `${system.platform} ${system.release} (${system.arch})`],
            ['Processors', String(system.cpus)],
            ['Memory', formatValue(system.memoryBytes, 'bytes')],
            ['Node.js', system.node],
            ['Netsonde', system.version],
          ]}
        />
      )}
    </Panel>
  );
}
