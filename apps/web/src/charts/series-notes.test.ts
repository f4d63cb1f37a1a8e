import type { SeriesPoints } from '@netsonde/protocol/api';
import { expect, it } from 'vitest';
import { chartFootnote, originOf } from './series-notes.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RAW: SeriesPoints = { bucketMs: null, level: 'raw', retiredBeforeMs: null, capped: null, lines: [] };
const LINE: SeriesPoints['lines'][number] = {
  agent: 1,
  agentName: 'a',
  target: 1,
  address: 'x',
  instance: '',
  at: [],
  value: [],
  verdict: [],
  absent: {},
};

const footnote = (answers: readonly Partial<SeriesPoints>[], bucketMs: number | null, lines = 1, shown = 1) =>
  chartFootnote(
    {
      bucketMs,
      origins: answers.map((answer) => originOf({ ...RAW, ...answer })),
      lines: Array.from({ length: lines }),
    },
    shown,
    'choose an agent',
  );

it('the note says what a point is', () => {
  expect(footnote([{}], null)).toBe('Each point is one result');
  expect(footnote([{}], 90_000)).toBe('Each point is the mean of 1 min 30 s');
  expect(footnote([{ level: '5min' }, {}], HOUR_MS)).toBe('Each point is the mean of 1 h, from averages of 5 minutes');
});

it('the note says where a coarser level replaces results', () => {
  const lines = [LINE, { ...LINE, level: '1d' as const }];
  expect(footnote([{ level: '1h', lines }], DAY_MS)).toBe(
    'Each point is the mean of 1 d, from averages of an hour; in part from averages of a day',
  );
});

it('the note says what retention has deleted, by the latest date of all answers', () => {
  const before = Date.UTC(2026, 0, 15);
  const year = /; what was before .*2026.* is deleted by retention$/;
  expect(footnote([{ retiredBeforeMs: before }, { retiredBeforeMs: 1 }, {}], null)).toMatch(year);
});

it('the note says what is left out and what to do', () => {
  const capped = { series: 600, lines: 500, points: 400 };
  expect(footnote([{ capped }, {}], null, 500, 24)).toBe(
    'Each point is one result; 500 of 600 series shown: choose an agent or a target for the others; 24 of 500 lines shown: choose an agent',
  );
  expect(footnote([{ capped: { ...capped, series: 500 } }], null)).toMatch(
    /; fewer points .* choose an agent or a target/,
  );
});
