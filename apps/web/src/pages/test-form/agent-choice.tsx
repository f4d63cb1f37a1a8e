import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import type { Agent } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { agentsQuery } from '../../api/agents.ts';
import { carries, labelText, parseLabels } from '../../components/label-text.ts';
import { Labels } from '../../components/labels.tsx';
import { AgentStatus } from '../../components/status-mark.tsx';
import { useFilter } from '../../components/use-filter.tsx';
import type { TestDraft } from './draft.ts';
import { NumberField } from './number-field.tsx';
import { COUNT_RULE } from './schedule-rules.ts';
import classes from './test-form.module.css';

interface Props {
  readonly draft: TestDraft;
  readonly change: (part: Partial<TestDraft>) => void;
  readonly error: string | undefined;
}

/** The agents that run the test: named ones, all that have certain labels, or a number of online ones. */
export function AgentChoice({ draft, change, error }: Props) {
  return (
    <div className="stack">
      <SegmentedControl
        aria-label="How agents are chosen"
        className={classes.segments ?? ''}
        value={draft.by}
        onChange={(by) => change({ by: by as TestDraft['by'] })}
        data={[
          { value: 'any', label: 'Any online' },
          { value: 'labels', label: 'By label' },
          { value: 'chosen', label: 'Chosen' },
        ]}
      />
      {draft.by === 'any' && (
        <NumberField
          label="How many agents"
          description="The server takes that many of those online, and another one when one leaves"
          rule={COUNT_RULE}
          value={draft.count}
          change={(count) => change({ count })}
          error={error}
          className={classes.narrow ?? ''}
        />
      )}
      {draft.by === 'labels' && (
        <TextInput
          label="Labels that an agent must carry"
          description="key=value, apart by spaces. Agents that get them later join by themselves."
          placeholder="site=lyon tier=edge"
          value={draft.labels}
          onChange={(event) => change({ labels: event.currentTarget.value })}
          error={error}
        />
      )}
      <AgentList draft={draft} change={change} />
      {draft.by === 'chosen' && error !== undefined && (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Agents that are named one by one. */
const NAMED = 10;
/** Agents that are listed to choose from. The user finds others by words. */
const MOST_LISTED = 100;

const textOf = ({ name, labels }: Agent): string => `${name} ${labelText(labels)}`;

function AgentList({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const agents = (useQuery(agentsQuery).data ?? []).filter(({ status }) => status !== 'revoked');
  const { rows: found = [], field } = useFilter(agents, textOf, 'Find an agent');
  if (draft.by === 'any') return null;
  if (agents.length === 0) return <p className="muted">There are no agents yet: add one on the page Agents.</p>;
  if (draft.by === 'labels') {
    const matching = agents.filter(({ labels }) => carries(labels, wantedLabels(draft.labels)));
    return (
      <p className="muted small">
        {draft.labels.trim() === '' || matching.length === 0
          ? 'No agent carries these labels now.'
          : `Now: ${namesOf(matching)}`}
      </p>
    );
  }
  const toggle = (id: number, wanted: boolean) =>
    change({ agents: wanted ? [...draft.agents, id] : draft.agents.filter((other) => other !== id) });
  return (
    <div className="stack stack-tight">
      {field}
      <p className="muted small">
        {draft.agents.length} of {agents.length} chosen
      </p>
      <ul className={`plain-list ${classes.agents}`}>
        {found.slice(0, MOST_LISTED).map(({ id, name, presence, labels }) => (
          <li key={id}>
            <Checkbox
              label={name}
              checked={draft.agents.includes(id)}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
            <span className="small">
              <AgentStatus agent={{ presence }} />
            </span>
            <Labels labels={labels} />
          </li>
        ))}
      </ul>
      {found.length > MOST_LISTED && (
        <p className="muted small">
          The first {MOST_LISTED} of {found.length}: find others by words.
        </p>
      )}
    </div>
  );
}

/** The first names, and how many more. */
function namesOf(agents: readonly Agent[]): string {
  const names = agents
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(', ');
  return agents.length > NAMED ? `${names} and ${agents.length - NAMED} more` : names;
}

/** No agent has this label; used while the input cannot be parsed. */
const UNREADABLE = { '': '' };

function wantedLabels(text: string) {
  try {
    return parseLabels(text);
  } catch {
    return UNREADABLE;
  }
}
