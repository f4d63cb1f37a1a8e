import { Drawer } from '@mantine/core';
import { formatValue } from '@netsonde/metrics';
import type { Result } from '@netsonde/protocol/api';
import { useProbe } from '../../api/catalog.ts';
import { Facts } from '../../components/facts.tsx';
import { FindingText } from '../../components/finding-text.tsx';
import { fullTime } from '../../components/time-words.ts';
import { VerdictMark } from '../../components/verdict-mark.tsx';
import { flagWords } from '../../components/verdict-words.ts';
import { ResultMetrics } from './result-metrics.tsx';
import { ResultSamples } from './result-samples.tsx';
import classes from './test-page.module.css';

interface Props {
  readonly result: Result | null;
  readonly close: () => void;
}

/** All details of one run: every metric or why it is absent, each sample, details, and its own log. */
export function ResultDrawer({ result, close }: Props) {
  return (
    <Drawer
      opened={result !== null}
      onClose={close}
      position="right"
      size="xl"
      title="One result"
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 120 }}
    >
      {result !== null && <ResultContent result={result} />}
    </Drawer>
  );
}

function ResultContent({ result }: { readonly result: Result }) {
  const probe = useProbe(result.probe);
  const { stamps, flags = [], detail = {}, log = [] } = result;
  return (
    <div className="stack">
      <div className="row">
        <VerdictMark verdict={result.verdict} /> {probe?.label ?? result.probe}: {result.agentName} → {result.address}
      </div>
      {result.finding !== undefined && <FindingText finding={result.finding} />}
      <Facts
        facts={[
          ['Scheduled for', fullTime(Date.parse(result.at))],
          ['Started', result.late === 0 ? 'on time' : `${formatValue(result.late, 'ms')} late`],
          ['Took', formatValue(result.took, 'ms')],
          ['Timestamps', stampWords(stamps)],
          ...(flags.length === 0 ? [] : [['Doubts', flags.map(flagWords).join('; ')] as const]),
        ]}
      />
      {log.length > 0 && (
        <>
          <h2>The run's own log</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach it */}
          <pre className={classes.log} tabIndex={0}>
            {log.join('\n')}
          </pre>
        </>
      )}
      <h2>Metrics</h2>
      <ResultMetrics result={result} probe={probe} />
      <ResultSamples result={result} probe={probe} />
      {Object.keys(detail).length > 0 && (
        <>
          <h2>Details</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach it */}
          <pre className={classes.log} tabIndex={0}>
            {JSON.stringify(detail, null, 2)}
          </pre>
        </>
      )}
    </div>
  );
}

function stampWords({ kernel, process }: Result['stamps']): string {
  if (kernel + process === 0) return 'nothing was timed';
  if (process === 0) return `kernel (${kernel})`;
  return kernel === 0 ? `process (${process})` : `kernel (${kernel}), process (${process})`;
}
