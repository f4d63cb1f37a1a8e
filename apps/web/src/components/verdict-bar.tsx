import { formatValue } from '@netsonde/metrics';
import { SERIES_VERDICTS, type SeriesCounts, type SeriesVerdict } from '@netsonde/protocol/api';
import { Link } from '@tanstack/react-router';
import type { SeriesFilter } from '../api/series-states.ts';
import classes from './verdict-bar.module.css';
import { VerdictShape } from './verdict-shape.tsx';

interface Props {
  readonly counts: SeriesCounts;
  /** Also shows shapes with numbers, each a link to the list of these series. */
  readonly listed?: SeriesFilter;
}

const wordsOf = (verdict: SeriesVerdict): string => (verdict === 'waiting' ? 'waiting for the first result' : verdict);

/** How many of each verdict, as parts of a bar: heights and hatching distinguish them as well as colours. */
export function VerdictBar({ counts, listed }: Props) {
  const present = SERIES_VERDICTS.filter((verdict) => counts[verdict] > 0);
  const label = present.map((verdict) => `${formatValue(counts[verdict])} ${wordsOf(verdict)}`).join(', ');
  return (
    <div className={classes.wrap}>
      <div className={classes.bar} role="img" aria-label={label || 'No results yet'} title={label || 'No results yet'}>
        {present.map((verdict) => (
          <span key={verdict} data-verdict={verdict} style={{ flexGrow: counts[verdict] }} />
        ))}
      </div>
      {listed !== undefined && (
        <ul className={`plain-list ${classes.numbers}`}>
          {SERIES_VERDICTS.filter((verdict) => verdict !== 'waiting' || counts.waiting > 0).map((verdict) => (
            <li key={verdict} data-none={counts[verdict] === 0}>
              <VerdictShape verdict={verdict} size={14} />
              <Link to="/series" search={{ ...listed, verdict }}>
                <b>{formatValue(counts[verdict])}</b> {wordsOf(verdict)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
