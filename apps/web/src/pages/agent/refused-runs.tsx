import type { Agent } from '@netsonde/protocol/api';
import { Panel } from '../../components/panel.tsx';
import { refusedWords } from '../../components/verdict-words.ts';

/** What the server did not accept of an agent; hidden while there is nothing. */
export function RefusedRuns({ agent: { refused, unplanned } }: { readonly agent: Agent }) {
  const reasons = Object.entries(refused);
  if (reasons.length === 0 && unplanned === null) return null;
  return (
    <Panel title="Refused runs" note="Not stored, since this agent was enrolled">
      <ul className="plain-list">
        {reasons.map(([reason, count]) => (
          <li key={reason}>
            {count.toLocaleString('en')} {refusedWords(reason)}
          </li>
        ))}
        {unplanned !== null && (
          <li>
            {unplanned.records.toLocaleString('en')} records of checks that this server does not know are kept apart
          </li>
        )}
      </ul>
    </Panel>
  );
}
