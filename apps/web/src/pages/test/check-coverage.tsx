import type { Test } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { ledgerQuery } from '../../api/agents.ts';
import { coverageWords } from './coverage-words.ts';
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
  return <p className={LINE}>{coverageWords(rows)}</p>;
}
