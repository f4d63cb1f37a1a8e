import type { SeriesVerdict } from '@netsonde/protocol/api';

/** A shape per verdict, so that colour is never the only sign: disc, triangle, square with a cross, open ring, dots. */
export function VerdictShape({ verdict, size = 16 }: { readonly verdict: SeriesVerdict; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" style={{ flex: 'none' }}>
      {SHAPES[verdict]}
    </svg>
  );
}

const CUT = {
  fill: 'none',
  stroke: 'var(--ns-surface)',
  strokeWidth: 1.9,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

const SHAPES = {
  up: (
    <>
      <circle cx="8" cy="8" r="7" fill="var(--ns-up)" />
      <path d="m4.9 8.3 2.1 2.1 4.1-4.5" {...CUT} />
    </>
  ),
  degraded: (
    <>
      <path d="M8 1.2 15.3 14H.7Z" fill="var(--ns-degraded)" stroke="var(--ns-degraded)" strokeLinejoin="round" />
      <path d="M8 6v3.2M8 11.7v.1" {...CUT} />
    </>
  ),
  down: (
    <>
      <rect x="1.2" y="1.2" width="13.6" height="13.6" rx="2.4" fill="var(--ns-down)" />
      <path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" {...CUT} />
    </>
  ),
  unknown: (
    <circle cx="8" cy="8" r="6" fill="none" stroke="var(--ns-unknown)" strokeWidth="2" strokeDasharray="3.2 2.1" />
  ),
  waiting: (
    <g fill="var(--ns-unknown)">
      <circle cx="3" cy="8" r="1.7" />
      <circle cx="8" cy="8" r="1.7" />
      <circle cx="13" cy="8" r="1.7" />
    </g>
  ),
} as const;
