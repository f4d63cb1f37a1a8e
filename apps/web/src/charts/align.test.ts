import { expect, it } from 'vitest';
import { alignLines } from './align.ts';
import type { ChartLine } from './chart-line.ts';
import { lineFigures, valueAt } from './line-figures.ts';

const line = (at: number[], value: (number | null)[]): ChartLine => ({
  key: String(at),
  label: 'here → there',
  agent: 1,
  agentName: 'here',
  target: 1,
  address: 'there',
  instance: '',
  stepMs: 1000,
  at,
  value,
  verdict: at.map(() => 'up'),
  absent: {},
});

it('lines share one axis, and a line has no point where only another has one', () => {
  expect(alignLines([line([1000, 2000], [5, 6]), line([1500], [7])])).toEqual([
    [1, 1.5, 2],
    [5, undefined, 6],
    [undefined, 7, undefined],
  ]);
});

it('a line breaks where results are missing', () => {
  const [times, values] = alignLines([line([1000, 2000, 9000], [5, 6, 7])]);
  expect(times).toEqual([1, 2, 3, 9]);
  expect(values).toEqual([5, 6, null, 7]);
});

it('a line breaks where the metric was absent', () => {
  expect(alignLines([line([1000, 2000, 3000], [5, null, 7])])[1]).toEqual([5, null, 7]);
});

it('a gap reaches from value to value, also over the points of lines between them', () => {
  const others = [line([1300, 2300, 3300, 4300, 5300], [1, 2, 3, 4, 5]), line([1600, 2600, 3600, 4600], [1, 2, 3, 4])];
  const absent = line([1000, 2000, 3000, 4000, 5000], [5, null, null, 8, 9]);
  const [times, ...[values]] = alignLines([absent, ...others]);
  expect(times).toEqual([1, 1.3, 1.6, 2, 2.3, 2.6, 3, 3.3, 3.6, 4, 4.3, 4.6, 5, 5.3]);
  const [none, gap] = [undefined, null];
  expect(values).toEqual([5, gap, gap, gap, gap, gap, gap, gap, gap, 8, none, none, 9, none]);
  const [missingTimes, missing] = alignLines([line([1000, 4000, 5000], [5, 8, 9]), ...others]);
  expect(missingTimes).toEqual([1, 1.3, 1.6, 2, 2.3, 2.6, 3.3, 3.6, 4, 4.3, 4.6, 5, 5.3]);
  expect(missing).toEqual([5, gap, gap, gap, gap, gap, gap, gap, 8, none, none, 9, none]);
});

it('a line without a gap has none at the points of other lines, before its first or after its last', () => {
  const [, values] = alignLines([line([2000, 3000], [5, 6]), line([1000, 2500, 4000, 8000], [1, null, 3, 4])]);
  expect(values).toEqual([undefined, 5, undefined, 6, undefined, undefined, undefined]);
});

it('no lines give an empty chart', () => {
  expect(alignLines([])).toEqual([[]]);
});

it('figures cover what was measured, and are null where nothing was', () => {
  expect(lineFigures(line([1, 2, 3], [4, null, 8]))).toEqual({
    latest: 8,
    min: 4,
    mean: 6,
    max: 8,
    measured: 2,
    absent: 0,
  });
  expect(lineFigures({ ...line([1], [null]), absent: { timed_out: 1 } })).toEqual({
    latest: null,
    min: null,
    mean: null,
    max: null,
    measured: 0,
    absent: 1,
  });
  expect(lineFigures({ ...line([1], [5]), min: [1], max: [9] })).toMatchObject({ min: 1, mean: 5, max: 9 });
});

it('the crosshair reads the value under it, but not across a gap', () => {
  const points = line([1000, 2000, 9000], [5, 6, 7]);
  expect(valueAt(points, 2400)).toBe(6);
  expect(valueAt(points, 6000)).toBeNull();
  expect(valueAt(points, 500)).toBeNull();
});
