import { expect, it } from 'vitest';
import { niceSplits, scaledTexts } from './axis-text.ts';

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

it.each([
  [29_400, 30_600, 'bytes', ['29.0 KiB', '29.5 KiB']],
  [0, 1030, 'bytes', ['0 KiB', '0.5 KiB', '1.0 KiB']],
  [0, 900, 'bytes', ['0 B', '250 B', '500 B', '750 B']],
  [0, 33, 'ms', ['0 ms', '10 ms', '20 ms', '30 ms']],
  [0, 0.0042, 'ms', ['0 µs', '2 µs', '4 µs']],
  [0, 102, 'pct', ['0 %', '50 %', '100 %']],
] as const)('an axis from %f to %f in %s has the labels %j', (low, high, unit, texts) => {
  expect(scaledTexts(niceSplits(low, high, unit), unit)).toEqual(texts);
});
