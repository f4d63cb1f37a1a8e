import type { Test } from '@netsonde/protocol/api';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMay } from '../../api/session.ts';
import { testsQuery } from '../../api/tests.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFilter } from '../../components/use-filter.tsx';
import { TestTable } from './test-table.tsx';

/** The searchable text of a test. */
const textOf = ({ name, state, checks, targets }: Test): string =>
  [name, state, ...checks.map(({ probe }) => probe), ...targets.map(({ address }) => address)].join(' ');

/** All tests with their states and verdicts. */
export function TestsPage() {
  const tests = useQuery(testsQuery);
  const mayAdd = useMay('editor');
  const { rows, field, narrowed } = useFilter(tests.data, textOf, 'Find a test');
  const add = (
    <ButtonLink to="/tests/new" leftSection={<IconPlus size={16} />}>
      New test
    </ButtonLink>
  );
  return (
    <Page title="Tests" subtitle="What is measured, how often, and by which agents" actions={mayAdd && add}>
      {tests.isError && <ProblemNotice error={tests.error} retry={() => void tests.refetch()} />}
      {tests.isPending ? (
        <PageRoom />
      ) : (
        <Panel title="All tests" actions={field} flush>
          <TestTable
            tests={rows}
            empty={
              narrowed ? (
                <EmptyState title="No test has these words in its name, probes, targets or state" />
              ) : (
                <EmptyState title="There are no tests yet">
                  <p>A test says what to measure, how often, and which agents do it.</p>
                  {mayAdd ? add : <p>Ask an editor to make one.</p>}
                </EmptyState>
              )
            }
          />
        </Panel>
      )}
    </Page>
  );
}
