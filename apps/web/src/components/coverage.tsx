import { formatValue } from '@netsonde/metrics';

/** Share of the expected runs that are stored; says so where none was expected. */
export function Coverage({ pct }: { readonly pct: number | null }) {
  if (pct === null)
    return (
      <span className="muted" title="No run was expected in this time">
        –<span className="visually-hidden"> nothing was expected</span>
      </span>
    );
  return <span title="Stored of the runs expected">{formatValue(pct, 'pct')}</span>;
}
