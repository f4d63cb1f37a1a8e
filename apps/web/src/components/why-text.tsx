import { inPlainWords } from '@netsonde/probes/catalog';
import type { SeriesState } from '@netsonde/protocol/api';
import { whyWords } from './verdict-words.ts';

/** Why a series is not up, in full: the cause, and what is known besides. */
export function WhyText({ state: { finding, verdict } }: { readonly state: Pick<SeriesState, 'finding' | 'verdict'> }) {
  if (verdict === 'waiting') return <span className="muted">waits for its first result</span>;
  if (finding === undefined) return null;
  return (
    <span style={{ overflowWrap: 'anywhere' }}>
      {capitalised(whyWords(finding.cause))}
      {finding.operation !== '' && <span className="muted small">: {inPlainWords(finding.operation)}</span>}
    </span>
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
