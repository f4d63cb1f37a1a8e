import { Button } from '@mantine/core';
import type { Test } from '@netsonde/protocol/api';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useCatalog } from '../../api/catalog.ts';
import { useMay } from '../../api/session.ts';
import { exportAddress, testQuery } from '../../api/tests.ts';
import { LedgerPanel } from '../../components/ledger-panel.tsx';
import { Page, PageRoom } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { TestActions } from '../../components/test-actions.tsx';
import { Warning } from '../../components/warning.tsx';
import { serverNow } from '../../time/server-time.ts';
import { CheckPanel } from './check-panel.tsx';
import { Progress } from './progress.tsx';
import { ResultsPanel } from './results-panel.tsx';
import { TestFigures } from './test-figures.tsx';
import { type ResultsEnd, useResultsEnd } from './use-results-end.ts';
import { firstChoice, viewOf } from './view.ts';
import { ViewBar } from './view-bar.tsx';

/** One test, live: what its checks measure, per agent and target, and every result behind it. */
export function TestPage() {
  const { testId } = useParams({ from: '/signed-in/tests/$testId' });
  const { data: test, error, refetch } = useQuery(testQuery(testId));
  const end = useResultsEnd(testId, test);
  const mayEdit = useMay('editor');
  const catalog = useCatalog();
  if (error === null && (test === undefined || end === undefined || catalog.length === 0)) return <PageRoom />;
  return (
    <Page
      title={test?.name ?? 'Test'}
      above={<Link to="/tests">Tests</Link>}
      subtitle={test?.description || undefined}
      actions={
        error === null && (
          <>
            <ExportButton test={testId} format="csv" />
            <ExportButton test={testId} format="json" />
            {mayEdit && test && <TestActions test={test} />}
          </>
        )
      }
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      {test !== undefined && <TestContent test={test} end={end ?? null} />}
    </Page>
  );
}

function TestContent({ test, end }: { readonly test: Test; readonly end: ResultsEnd | null }) {
  const endMs = end?.endMs ?? null;
  const [choice, choose] = useState(() => firstChoice(test, endMs, serverNow(), end?.newestMs));
  const view = useMemo(() => viewOf(choice, endMs), [choice, endMs]);
  return (
    <>
      {test.warnings.map((warning) => (
        <Warning key={warning}>{warning}</Warning>
      ))}
      <TestFigures test={test} endMs={endMs} view={view} />
      <Progress test={test} />
      <ViewBar test={test} choice={choice} endMs={endMs} change={choose} />
      {test.checks.map((check) => (
        <CheckPanel key={check.id} test={test} check={check} view={view} />
      ))}
      <ResultsPanel test={test} view={view} />
      <LedgerPanel test={test.id} endMs={endMs} />
    </>
  );
}

function ExportButton({ test, format }: { readonly test: number; readonly format: 'csv' | 'json' }) {
  return (
    <Button
      component="a"
      variant="default"
      href={exportAddress(test, format)}
      download
      leftSection={<IconDownload size={16} />}
    >
      {format.toUpperCase()}
    </Button>
  );
}
