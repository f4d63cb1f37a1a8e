import { SegmentedControl } from '@mantine/core';
import { formatValue } from '@netsonde/metrics';
import type { LedgerRow, UnreadableDrops } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ledgerQuery } from '../api/agents.ts';
import { useCatalog } from '../api/catalog.ts';
import { DataTable } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { ledgerSum, reasonsInWords, retiredInWords, worstFirst } from './ledger-sum.ts';
import { Panel } from './panel.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import { dropWords, missedWords, refusedWords } from './verdict-words.ts';

const HOUR_MS = 3_600_000;
const FIRST_HOURS = '24';
const WINDOWS = [
  { value: '1', label: '1 h' },
  { value: '24', label: '24 h' },
  { value: '168', label: '7 d' },
];

interface Props {
  readonly agent?: number;
  readonly test?: number;
  /** End of the covered time, epoch ms; null: now. */
  readonly endMs?: number | null;
}

/** What became of every expected run: expected = stored + dropped + missed + refused + outstanding. */
export function LedgerPanel({ agent, test, endMs = null }: Props) {
  const [hours, setHours] = useState(FIRST_HOURS);
  const catalog = useCatalog();
  const { data, error, refetch } = useQuery(
    ledgerQuery({
      stretch: { lengthMs: Number(hours) * HOUR_MS, endMs },
      ...(agent === undefined ? {} : { agent }),
      ...(test === undefined ? {} : { test }),
    }),
  );
  // It is the last part of its page: it reserves no space while it loads, and moves nothing when it appears.
  if (data === undefined && error === null && hours === FIRST_HOURS) return null;
  const sum = data && ledgerSum(data.rows);
  const count = (value: number) => formatValue(value);
  return (
    <Panel
      title="Ledger"
      note={
        sum === undefined
          ? 'Expected = stored + dropped + missed + refused + outstanding'
          : `${count(sum.expected)} expected = ${count(sum.stored)} stored + ${count(sum.dropped)} dropped + ${count(sum.missed)} missed + ${count(sum.refused)} refused + ${count(sum.outstanding)} outstanding${retiredInWords(sum.retired)}`
      }
      actions={
        <SegmentedControl size="xs" aria-label="Time covered" value={hours} onChange={setHours} data={WINDOWS} />
      }
      flush
    >
      {data?.unreadable.map((lost) => (
        <UnreadableNote key={lost.agent} lost={lost} />
      ))}
      {error !== null && <ProblemNotice error={error} retry={() => void refetch()} />}
      <DataTable
        caption="What became of the expected runs"
        rows={data && worstFirst(data.rows)}
        order="those that lack most first"
        rowKey={(row) => `${row.agent}/${row.check}/${row.target}`}
        empty={
          <EmptyState title="Nothing was expected in this time">
            <p>Runs are expected from the moment that a running test assigns checks.</p>
          </EmptyState>
        }
        columns={[
          {
            key: 'target',
            label: 'Target',
            cell: (row) => (
              <>
                <b>{row.address}</b>
                <div className="muted small">{catalog.find(({ id }) => id === row.probe)?.label ?? row.probe}</div>
              </>
            ),
          },
          ...(test === undefined
            ? [
                {
                  key: 'test',
                  label: 'Test',
                  cell: (row: LedgerRow) => (
                    <Link to="/tests/$testId" params={{ testId: row.test }}>
                      {row.testName}
                    </Link>
                  ),
                },
              ]
            : []),
          ...(agent === undefined
            ? [
                {
                  key: 'agent',
                  label: 'Agent',
                  cell: (row: LedgerRow) => (
                    <Link to="/agents/$agentId" params={{ agentId: row.agent }}>
                      {row.agentName}
                    </Link>
                  ),
                },
              ]
            : []),
          { key: 'expected', label: 'Expected', numeric: true, cell: ({ expected }) => count(expected) },
          { key: 'stored', label: 'Stored', numeric: true, cell: StoredCell },
          {
            key: 'dropped',
            label: 'Dropped',
            numeric: true,
            cell: ({ dropped }) => <Counted counts={dropped} words={dropWords} />,
          },
          {
            key: 'missed',
            label: 'Missed',
            numeric: true,
            cell: ({ missed }) => <Counted counts={missed} words={missedWords} />,
          },
          {
            key: 'refused',
            label: 'Refused',
            numeric: true,
            cell: ({ refused }) => <Counted counts={refused} words={refusedWords} />,
          },
          { key: 'outstanding', label: 'Outstanding', numeric: true, cell: ({ outstanding }) => count(outstanding) },
        ]}
      />
    </Panel>
  );
}

interface CountedProps {
  readonly counts: LedgerRow['missed'];
  readonly words: (reason: string) => string;
}

/** How many in all, and below it how many for each reason. */
function Counted({ counts, words }: CountedProps) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div>
      {formatValue(total)}
      {total > 0 && (
        <div className="muted small" style={{ whiteSpace: 'normal' }}>
          {reasonsInWords(counts, words)}
        </div>
      )}
    </div>
  );
}

/** The number of stored runs, and how many of them retention has deleted since. */
function StoredCell({ stored, retired }: LedgerRow) {
  return (
    <div>
      {formatValue(stored)}
      {retired > 0 && <div className="muted small">{formatValue(retired)} deleted since, by retention</div>}
    </div>
  );
}

/** Lost records whose check is not known. */
function UnreadableNote({ lost: { agentName, dropped } }: { readonly lost: UnreadableDrops }) {
  return (
    <p className="small" style={{ padding: '0 1rem 0.5rem' }}>
      {agentName} lost records that nobody can read any more: {reasonsInWords(dropped, dropWords)}. Of which checks they
      were is not known, so they are among the outstanding ones.
    </p>
  );
}
