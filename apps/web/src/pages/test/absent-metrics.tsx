import type { ProbeInfo, Result, Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { allMetrics } from '../../api/probe-metrics.ts';
import { resultsQuery } from '../../api/tests.ts';
import { useRefetchOnResults } from '../../api/use-live-results.ts';
import { absenceWords } from '../../components/verdict-words.ts';
import { type Absence, absencesOf } from './absences.ts';
import classes from './test-page.module.css';
import type { View } from './view.ts';

interface Props {
  readonly test: Test;
  readonly check: Test['checks'][number];
  readonly probe: ProbeInfo;
  readonly view: View;
}

const LOOKED_AT = 50;

/** Metrics that are absent in the newest results, each with its reason. Absent is never zero. */
export function AbsentMetrics({ test, check, probe, view: { agent, target } }: Props) {
  const { data, refetch } = useQuery(resultsQuery(test.id, { check: check.id, agent, target, limit: LOOKED_AT }));
  useRefetchOnResults(test.id, refetch);
  const results: readonly Result[] = data?.results ?? [];
  const absences = absencesOf(results);
  if (absences.length === 0) return <div className={classes.absentRoom} />;
  const labels = new Map(allMetrics(probe).map(({ id, label }) => [id, label]));
  return (
    <details className={classes.details}>
      <summary>
        {absences.length} {absences.length === 1 ? 'metric is' : 'metrics are'} absent in the newest results
      </summary>
      <ul className={`plain-list ${classes.absences}`}>
        {absences.map((absence) => (
          <li key={`${absence.metric}/${absence.reason}`}>
            <b>{labels.get(absence.metric) ?? absence.metric}</b>: {absenceWords(absence.reason)}{' '}
            <span className="muted">{howOften(absence, results.length)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

const howOften = ({ count }: Absence, of: number): string =>
  count === of ? `(in all of the last ${of})` : `(in ${count} of the last ${of})`;
