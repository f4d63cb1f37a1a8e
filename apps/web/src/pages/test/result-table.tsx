import { Button } from '@mantine/core';
import type { MetricDescriptor } from '@netsonde/probes/catalog';
import type { ProbeInfo, Result } from '@netsonde/protocol/api';
import type { ReactNode } from 'react';
import { useCatalog } from '../../api/catalog.ts';
import { headlineMetrics } from '../../api/probe-metrics.ts';
import { Clipped } from '../../components/clipped.tsx';
import { ClockTime } from '../../components/clock-time.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { FindingText } from '../../components/finding-text.tsx';
import { HeadlineFigures } from '../../components/headline-figures.tsx';
import { metricText } from '../../components/metric-text.ts';
import { VerdictMark } from '../../components/verdict-mark.tsx';
import { absenceWords } from '../../components/verdict-words.ts';
import { resultKey } from './use-result-list.ts';

interface Props {
  readonly results: readonly Result[] | undefined;
  /** Number of rows that are still loading. */
  readonly expected: number;
  /** Probes that the results may be of. */
  readonly probes: readonly string[];
  readonly open: (result: Result) => void;
  readonly empty: ReactNode;
}

const MOST_FIGURES = 5;

/** One result per row. The headline metrics have their own columns where all results are of one probe. */
export function ResultTable({ results, expected, probes, open, empty }: Props) {
  const catalog = useCatalog();
  const [only, ...others] = catalog.filter(({ id }) => probes.includes(id));
  const figures = only !== undefined && others.length === 0 ? figureColumns(only) : [listColumn(catalog)];
  return (
    <DataTable
      caption="Results"
      bounded
      rows={results}
      expectedRows={expected}
      rowKey={resultKey}
      empty={empty}
      columns={[
        { key: 'at', label: 'Time', cell: ({ at }) => <ClockTime at={at} /> },
        { key: 'verdict', label: 'Verdict', place: 'beside', cell: ({ verdict }) => <VerdictMark verdict={verdict} /> },
        { key: 'agent', label: 'Agent', cell: ({ agentName }) => <Clipped text={agentName} /> },
        { key: 'target', label: 'Target', cell: ({ address }) => <Clipped text={address} /> },
        {
          key: 'finding',
          label: 'Cause',
          place: 'below',
          wide: true,
          cell: ({ finding }) => finding !== undefined && <FindingText finding={finding} />,
        },
        ...figures,
        {
          key: 'details',
          label: '',
          numeric: true,
          cell: (result) => (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Details of the result for ${result.address}`}
              onClick={() => open(result)}
            >
              Details
            </Button>
          ),
        },
      ]}
    />
  );
}

const figureColumns = (probe: ProbeInfo): readonly Column<Result>[] =>
  headlineMetrics(probe)
    .slice(0, MOST_FIGURES)
    .map((metric) => ({
      key: metric.id,
      label: metric.label,
      numeric: true,
      cell: (result) => <Figure result={result} metric={metric} />,
    }));

function listColumn(catalog: readonly ProbeInfo[]): Column<Result> {
  return {
    key: 'figures',
    label: 'Measured',
    place: 'below',
    cell: (result) => {
      const probe = catalog.find(({ id }) => id === result.probe);
      return (
        <span>
          {probe?.label ?? result.probe}{' '}
          <span className="muted small">
            <HeadlineFigures result={result} probe={probe} most={MOST_FIGURES} />
          </span>
        </span>
      );
    },
  };
}

/** A value, or that it is absent. The details say why to who has no mouse: a stop for the keyboard at each would be many. */
function Figure({ result, metric }: { readonly result: Result; readonly metric: MetricDescriptor }) {
  const value = result.metrics[metric.id];
  if (value !== undefined) return metricText(metric, value);
  const reason = result.absent[metric.id];
  return (
    <span className="muted" title={reason === undefined ? undefined : `Absent: ${absenceWords(reason)}`}>
      absent
    </span>
  );
}
