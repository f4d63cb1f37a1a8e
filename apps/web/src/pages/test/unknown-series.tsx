import type { Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { seriesStatesQuery } from '../../api/series-states.ts';
import { ClockTime } from '../../components/clock-time.tsx';
import { WhyText } from '../../components/why-text.tsx';
import classes from './test-page.module.css';
import type { View } from './view.ts';

interface Props {
  readonly test: Test;
  readonly check: Test['checks'][number];
  readonly view: View;
}

const MOST_NAMED = 5;

/** Which series of a check are unknown, since when and why, also those that were never measured. */
export function UnknownSeries({ test, check, view: { agent, target } }: Props) {
  const filter = { test: test.id, check: check.id, agent, target, verdict: 'unknown' } as const;
  const { data } = useQuery(seriesStatesQuery(filter, MOST_NAMED));
  if (data === undefined) return null;
  const { counts, series } = data;
  const more = counts.unknown - series.length;
  return (
    <ul className={`plain-list small ${classes.unknown}`}>
      {series.map((one) => (
        <li key={`${one.agent}/${one.target}`}>
          <b>
            {one.agentName} → {one.address}
          </b>{' '}
          unknown since {one.orBefore && 'before '}
          <ClockTime at={one.since} />. <WhyText state={one} />
        </li>
      ))}
      {more > 0 && (
        <li>
          <Link to="/series" search={filter}>
            {more} more unknown
          </Link>
        </li>
      )}
      {counts.waiting > 0 && (
        <li className="muted">
          {counts.waiting === 1 ? '1 series waits' : `${counts.waiting} series wait`} for the first result
        </li>
      )}
    </ul>
  );
}
