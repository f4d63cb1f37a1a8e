import { inPlainWords } from '@netsonde/probes/catalog';
import type { RunRecord } from '@netsonde/protocol';
import classes from './finding-text.module.css';
import { causeWords, sideWords } from './verdict-words.ts';

/** Why a verdict is not up: the cause, the side, and the failed call. */
export function FindingText({ finding }: { readonly finding: NonNullable<RunRecord['finding']> }) {
  return (
    <span>
      {capitalised(causeWords(finding.cause))} <span className="muted">{sideWords(finding.side)}</span>{' '}
      <span className={`muted small ${classes.operation}`} title={finding.operation}>
        {inPlainWords(finding.operation)}
      </span>
    </span>
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
