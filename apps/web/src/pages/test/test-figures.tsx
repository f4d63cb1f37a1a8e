import { formatValue } from '@netsonde/metrics';
import { coveragePct, type Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { ledgerQuery } from '../../api/agents.ts';
import { seriesStatesQuery } from '../../api/series-states.ts';
import { Coverage } from '../../components/coverage.tsx';
import { Panel } from '../../components/panel.tsx';
import { Stat, Stats } from '../../components/stat.tsx';
import { TestState } from '../../components/test-state.tsx';
import { intervalWords } from '../../components/time-words.ts';
import { VerdictBar } from '../../components/verdict-bar.tsx';
import type { View } from './view.ts';

const DAY_MS = 86_400_000;

/** The state and the figures of a test. */
interface Props {
  readonly test: Test;
  readonly endMs: number | null;
  readonly view: View;
}

export function TestFigures({ test, endMs, view }: Props) {
  return (
    <>
      <Stats>
        <Stat
          label="State"
          value={
            test && (
              <span style={{ fontSize: '1rem' }}>
                <TestState test={test} />
              </span>
            )
          }
        />
        <Stat
          label={test.state === 'running' ? 'Agents online' : 'Agents'}
          value={agentWords(test)}
          note={selectionWords(test)}
        />
        <Stat
          label="Targets"
          value={formatValue(test.targets.length)}
          note={`${test.checks.length} ${test.checks.length === 1 ? 'check' : 'checks'} each`}
        />
        <Stat
          label="Results"
          value={formatValue(test.resultCount)}
          note={`one every ${intervalWords(test.interval)}`}
        />
        <Stat
          label={endMs === null ? 'Coverage, 24 h' : 'Coverage, last 24 h'}
          value={<TestCoverage test={test.id} endMs={endMs} />}
          note="stored of the expected runs"
        />
      </Stats>
      <Verdicts test={test} view={view} />
    </>
  );
}

/** The verdicts of the series that the page shows: of all agents and targets, or of the chosen ones. */
function Verdicts({ test, view: { agent, target } }: Omit<Props, 'endMs'>) {
  const listed = { test: test.id, agent, target };
  const isPart = agent !== undefined || target !== undefined;
  const { data } = useQuery({ ...seriesStatesQuery(listed, 1), enabled: isPart });
  const counts = isPart ? data?.counts : { ...test.verdicts, waiting: test.waiting };
  const agentName = test.assigned.find(({ id }) => id === agent)?.name;
  const address = test.targets.find(({ id }) => id === target)?.address;
  const scope = isPart ? `Only ${[agentName, address].filter(Boolean).join(' → ')}. ` : '';
  return (
    <Panel title={test.state === 'running' ? 'Verdicts' : 'Last verdicts'} note={`${scope}${verdictWords(test)}`}>
      <VerdictBar counts={counts ?? NO_SERIES} listed={listed} />
    </Panel>
  );
}

const NO_SERIES = { up: 0, degraded: 0, down: 0, unknown: 0, waiting: 0 } as const;

/** Only a running test has agents: one that has ended is assigned to none. */
function agentWords({ state, assigned }: Test): string {
  if (state === 'stopped' || state === 'completed') return 'not running';
  if (assigned.length === 0) return 'none';
  return `${assigned.filter(({ online }) => online).length} of ${assigned.length}`;
}

function verdictWords({ state, resultCount }: Test): string {
  if (state === 'scheduled' && resultCount === 0) return 'None before it starts';
  return `The latest of each agent, check and target${state === 'running' ? '' : ' while it ran'}`;
}

function TestCoverage({ test, endMs }: { readonly test: number; readonly endMs: number | null }) {
  const { data } = useQuery(ledgerQuery({ test, stretch: { lengthMs: DAY_MS, endMs } }));
  if (data === undefined) return '…';
  return <Coverage pct={coveragePct(data.rows)} />;
}

function selectionWords({ agents }: Test): string {
  switch (agents.by) {
    case 'chosen':
      return 'chosen by name';
    case 'labels':
      return `by ${Object.entries(agents.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}`;
    case 'any':
      return `any ${agents.count} online`;
  }
}
