import { Button, NativeSelect } from '@mantine/core';
import type { Verdict } from '@netsonde/probes/catalog';
import { VERDICTS } from '@netsonde/probes/catalog';
import type { Result, Test } from '@netsonde/protocol/api';
import { useState } from 'react';
import { exportAddress } from '../../api/tests.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VERDICT_WORDS } from '../../components/verdict-words.ts';
import { NewResults } from './new-results.tsx';
import { ResultDrawer } from './result-drawer.tsx';
import { ResultTable } from './result-table.tsx';
import classes from './test-page.module.css';
import { useReading } from './use-reading.ts';
import { PAGE, useResultList } from './use-result-list.ts';
import type { View } from './view.ts';
import { WhyEmpty } from './why-empty.tsx';

/** The results themselves, newest first, with all details of each run. */
export function ResultsPanel({ test, view: { agent, target } }: { readonly test: Test; readonly view: View }) {
  const [verdict, setVerdict] = useState<Verdict | 'all'>('all');
  const [opened, setOpened] = useState<Result | null>(null);
  const { reading, scrolledInto, top, part } = useReading();
  const filter = { agent, target, ...(verdict === 'all' ? {} : { verdict }) };
  const { results, error, refetch, waiting, showNewest, showMore } = useResultList(
    test.id,
    filter,
    reading || opened !== null,
  );
  const goToNewest = () => {
    showNewest();
    part.ref.current?.focus({ preventScroll: true });
    if (scrolledInto) part.ref.current?.scrollIntoView();
  };
  return (
    <Panel
      title="Results"
      note="Newest first"
      flush
      actions={
        <>
          <a className="small" href={exportAddress(test.id, 'csv', filter)} download>
            Export these
          </a>
          <NativeSelect
            size="xs"
            aria-label="Verdict"
            value={verdict}
            onChange={(event) => setVerdict(event.currentTarget.value as Verdict | 'all')}
            data={[
              { value: 'all', label: 'All verdicts' },
              ...VERDICTS.map((value) => ({ value, label: VERDICT_WORDS[value] })),
            ]}
          />
        </>
      }
    >
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      <section aria-label="Results, newest first" tabIndex={-1} className={classes.list} {...part}>
        <div ref={top} />
        <NewResults count={waiting} show={goToNewest} />
        <ResultTable
          results={results}
          expected={Math.min(PAGE, Math.max(1, test.resultCount))}
          probes={test.checks.map(({ probe }) => probe)}
          open={setOpened}
          empty={
            <EmptyState
              title={verdict === 'all' ? 'No results yet' : `No result is ${VERDICT_WORDS[verdict].toLowerCase()}`}
            >
              {verdict === 'all' ? (
                <WhyEmpty test={test} agent={agent} target={target} />
              ) : (
                <p>Choose another verdict to see more.</p>
              )}
            </EmptyState>
          }
        />
        {showMore !== undefined && (
          <div className={classes.more}>
            <Button size="xs" variant="default" onClick={showMore}>
              Show more
            </Button>
          </div>
        )}
      </section>
      <ResultDrawer result={opened} close={() => setOpened(null)} />
    </Panel>
  );
}
