import { formatValue } from '@netsonde/metrics';
import { coveragePct, type Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { ledgerQuery } from '../../api/agents.ts';
import { ledgerSum, missingInWords, retiredInWords } from '../../components/ledger-sum.ts';
import classes from './test-page.module.css';
import type { View } from './view.ts';

const LINE = `muted small ${classes.coverage}`;

interface Props {
  readonly test: Test;
  readonly check: Test['checks'][number];
  readonly view: View;
}

/** How much of the expected data is on a check's charts, and what became of the rest. Its height is always one line. */
export function CheckCoverage({ test, check, view: { stretch, agent, target } }: Props) {
  const { data } = useQuery(ledgerQuery({ test: test.id, stretch }));
  const rows = data?.rows.filter(
    (row) =>
      row.check === check.id &&
      (agent === undefined || row.agent === agent) &&
      (target === undefined || row.target === target),
  );
  if (rows === undefined) return <p className={LINE}>Coverage …</p>;
  const { expected, stored, retired, pending } = ledgerSum(rows);
  if (expected === 0) return <p className={LINE}>No run was expected in this window.</p>;
  const pct = coveragePct(rows);
  if (pct === null) return <p className={LINE}>Nothing was heard yet of the runs that are due.</p>;
  const missing = missingInWords(rows);
  return (
    <p className={LINE}>
      Coverage {formatValue(pct, 'pct')}: {formatValue(stored)} of {formatValue(expected - pending)} expected runs are
      stored
      {retiredInWords(retired)}
      {missing === '' ? '' : `; ${missing}`}
    </p>
  );
}
