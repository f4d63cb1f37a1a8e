import { formatValue } from '@netsonde/metrics';
import { VERDICTS, type Verdict } from '@netsonde/probes/catalog';
import classes from './verdict-bar.module.css';
import { VerdictShape } from './verdict-shape.tsx';
import { VERDICT_WORDS } from './verdict-words.ts';

interface Props {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Also shows shapes with numbers. */
  readonly withNumbers?: boolean;
}

/** How many of each verdict, as parts of a bar: heights and hatching distinguish them as well as colours. */
export function VerdictBar({ counts, withNumbers = false }: Props) {
  const total = VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);
  const words = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${formatValue(counts[verdict])} ${verdict}`,
  );
  const label = total === 0 ? 'No results yet' : words.join(', ');
  return (
    <div className={classes.wrap}>
      <div className={classes.bar} role="img" aria-label={label} title={label}>
        {VERDICTS.map(
          (verdict) =>
            counts[verdict] > 0 && <span key={verdict} data-verdict={verdict} style={{ flexGrow: counts[verdict] }} />,
        )}
      </div>
      {withNumbers && (
        <ul className={`plain-list ${classes.numbers}`}>
          {VERDICTS.map((verdict) => (
            <li key={verdict} data-none={counts[verdict] === 0}>
              <VerdictShape verdict={verdict} size={14} />
              <b>{formatValue(counts[verdict])}</b> {VERDICT_WORDS[verdict].toLowerCase()}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
