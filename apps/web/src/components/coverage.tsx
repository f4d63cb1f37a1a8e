import { formatValue } from '@netsonde/metrics';

/** Share of the expected runs that are stored. Says so where no run was expected, or no record has arrived yet. */
export function Coverage({ pct }: { readonly pct: number | null }) {
  if (pct === null)
    return (
      <span className="muted" title="No run was expected in this time, or nothing was heard yet of those that were">
        –<span className="visually-hidden"> nothing is known yet</span>
      </span>
    );
  return <span title="Stored of the runs expected">{formatValue(pct, 'pct')}</span>;
}
