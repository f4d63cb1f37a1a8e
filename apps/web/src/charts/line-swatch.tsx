import { useComputedColorScheme } from '@mantine/core';
import { lineStyle } from './palette.ts';

/** A short piece of the n-th line, as the chart draws it. */
export function LineSwatch({ place, faded = false }: { readonly place: number; readonly faded?: boolean }) {
  const { colour, dash } = lineStyle(place, useComputedColorScheme('light'));
  return (
    <svg width="22" height="10" aria-hidden="true" style={{ flex: 'none', opacity: faded ? 0.3 : 1 }}>
      <line x1="1" y1="5" x2="21" y2="5" stroke={colour} strokeWidth="3" strokeDasharray={dash.join(' ')} />
    </svg>
  );
}
