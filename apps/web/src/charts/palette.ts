/** Line colours that colour-blind users can distinguish (after Okabe and Ito), for light and dark backgrounds. */
const COLOURS = {
  light: ['#0067b1', '#c2410c', '#00836b', '#a8327f', '#8a6d00', '#3b82c4', '#6b4fbb', '#3f4a5a'],
  dark: ['#5ab4f0', '#f58a4b', '#35c4a0', '#e58ac4', '#e5c54b', '#9cc9f5', '#b6a4f5', '#c3cbd6'],
} as const;

const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

export interface LineStyle {
  readonly colour: string;
  /** Lengths of strokes and gaps, px; empty for a full line. */
  readonly dash: readonly number[];
}

/** The style of the n-th line. After the last colour they repeat, dashed. */
export function lineStyle(place: number, scheme: 'light' | 'dark'): LineStyle {
  const colours = COLOURS[scheme];
  return {
    colour: colours[place % colours.length] ?? colours[0],
    dash: DASHES[Math.floor(place / colours.length) % DASHES.length] ?? [],
  };
}
