/** Red, green, blue; 0 to 255. */
export type Rgb = readonly number[];

const linear = (channel: number): number => {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

const luminance = ([red = 0, green = 0, blue = 0]: Rgb): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

/** Contrast ratio, 1 to 21. Source: WCAG 2.2, definitions of contrast ratio and relative luminance. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

type Matrix = readonly (readonly number[])[];

/** Linear RGB as seen without one kind of cone, after Machado, Oliveira and Fernandes (2009), severity 1. */
const SIMULATIONS = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies Record<string, Matrix>;

export type Vision = keyof typeof SIMULATIONS;
export const VISIONS = Object.keys(SIMULATIONS) as Vision[];

/** How far apart two colours are for such eyes: CIE 1976 difference in L*a*b*. About 2 is just visible. */
export function differenceFor(vision: Vision, one: Rgb, other: Rgb): number {
  const [a, b] = [labOf(seen(vision, one)), labOf(seen(vision, other))];
  return Math.hypot(...a.map((part, place) => part - (b[place] ?? 0)));
}

const times = (matrix: Matrix, vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, factor, place) => sum + factor * (vector[place] ?? 0), 0));

const seen = (vision: Vision, colour: Rgb): number[] =>
  times(SIMULATIONS[vision], colour.map(linear)).map((channel) => Math.min(1, Math.max(0, channel)));

/** Linear sRGB to XYZ, relative to the white of D65. Source: IEC 61966-2-1. */
const TO_XYZ: Matrix = [
  [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
  [0.2126, 0.7152, 0.0722],
  [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
];

function labOf(colour: readonly number[]): number[] {
  const [x = 0, y = 0, z = 0] = times(TO_XYZ, colour).map((part) =>
    part > (6 / 29) ** 3 ? Math.cbrt(part) : part / (3 * (6 / 29) ** 2) + 4 / 29,
  );
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
