import { expect, it } from 'vitest';
import { scaledTexts } from './axis-text.ts';

it.each([
  [[0, 0.2, 0.4], 'ms', ['0 µs', '200 µs', '400 µs']],
  [[0, 0.5, 1, 1.5], 'ms', ['0 ms', '0.5 ms', '1.0 ms', '1.5 ms']],
  [[4.376, 4.378, 4.38], undefined, ['4.376', '4.378', '4.380']],
  [[4.379608, 4.37961], undefined, ['4.379608', '4.379610']],
  [[0, 25, 50], 'pct', ['0 %', '25 %', '50 %']],
  [[0, 2e6, 4e6], 'bps', ['0 Mbit/s', '2 Mbit/s', '4 Mbit/s']],
  [[0, 1024, 2048], 'bytes', ['0 KiB', '1 KiB', '2 KiB']],
  [[0], 'ms', ['0 ms']],
  [[-2, 0, 2], 'celsius', ['-2 °C', '0 °C', '2 °C']],
  [[0, 5000, 10_000], undefined, ['0', '5,000', '10,000']],
] as const)('%j in %s is %j', (splits, unit, texts) => {
  expect(scaledTexts(splits, unit)).toEqual(texts);
});
