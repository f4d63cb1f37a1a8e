import type { SeriesState, Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { ledgerQuery } from '../../api/agents.ts';
import { seriesStatesQuery } from '../../api/series-states.ts';
import { missedInWords } from '../../components/ledger-sum.ts';
import { WhyText } from '../../components/why-text.tsx';
import type { View } from './view.ts';

interface Props extends Pick<View, 'agent' | 'target'> {
  readonly test: Test;
}

const DAY_MS = 86_400_000;
const MOST_REASONS = 5;

/** Why a test, or the chosen part of it, has no results yet: what became of its runs, and what each agent says. */
export function WhyEmpty({ test, agent, target }: Props) {
  const { state, assigned, waiting } = test;
  const isRunning = state === 'running';
  const filter = { test: test.id, agent, target };
  const { data: states } = useQuery({ ...seriesStatesQuery(filter), enabled: isRunning });
  const { data: ledger } = useQuery({
    ...ledgerQuery({ test: test.id, stretch: { lengthMs: DAY_MS, endMs: null } }),
    enabled: isRunning,
  });
  if (state === 'scheduled') return <p>The test has not started yet.</p>;
  if (!isRunning) return <p>Start the test to measure.</p>;
  const rows = ledger?.rows.filter(
    (row) => (agent ?? row.agent) === row.agent && (target ?? row.target) === row.target,
  );
  const missed = missedInWords(rows ?? []);
  const unknown = reasonsOf(states?.series ?? []);
  if (missed === '' && unknown.length === 0) return <p>{waitingWords(assigned, states?.counts.waiting ?? waiting)}</p>;
  return (
    <>
      {missed !== '' && <p>{missed}</p>}
      <ul className="plain-list">
        {unknown.slice(0, MOST_REASONS).map((one) => (
          <li key={`${one.agent}/${one.check}/${one.target}`}>
            <b>
              {one.agentName} → {one.address}
            </b>
            : <WhyText state={one} />
          </li>
        ))}
      </ul>
      {unknown.length > MOST_REASONS && <p>and {unknown.length - MOST_REASONS} more</p>}
    </>
  );
}

const reasonsOf = (series: readonly SeriesState[]): readonly SeriesState[] =>
  series.filter(({ verdict, finding }) => verdict === 'unknown' && finding !== undefined);

function waitingWords(assigned: Test['assigned'], waiting: number): string {
  if (!assigned.some(({ online }) => online)) return 'No agent that runs this test is online.';
  return waiting === 1
    ? '1 series waits for its first result, which is due within the interval.'
    : `${waiting} series wait for their first results, which are due within the interval.`;
}
