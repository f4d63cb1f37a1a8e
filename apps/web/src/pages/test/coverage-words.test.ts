import type { LedgerRow } from '@netsonde/protocol/api';
import { expect, it } from 'vitest';
import { coverageWords } from './coverage-words.ts';

const ROW: LedgerRow = {
  agent: 1,
  agentName: 'berlin',
  test: 1,
  testName: 'Far site',
  check: 1,
  probe: 'icmp',
  target: 1,
  address: '10.0.0.1',
  expected: 0,
  stored: 0,
  retired: 0,
  dropped: {},
  missed: {},
  refused: {},
  outstanding: 0,
  pending: 0,
};

it('says that coverage counts runs later where all runs are due just now', () => {
  expect(coverageWords([{ ...ROW, expected: 3, outstanding: 3, pending: 3 }])).toBe(
    'Coverage counts each run 15 s after it was due.',
  );
});

it('says that nothing was heard where no record of older runs arrived', () => {
  expect(coverageWords([{ ...ROW, expected: 3, outstanding: 3, pending: 1 }])).toBe(
    'Nothing was heard yet of the runs that are due.',
  );
});

it('says how many of the runs that count are stored, and what became of the rest', () => {
  const row = { ...ROW, expected: 10, stored: 6, missed: { agent_off: 2 }, outstanding: 2, pending: 2 };
  expect(coverageWords([row])).toMatch(
    /^Coverage 75(\.0)? ?%: 6 of 8 expected runs are stored; missed: 2× .+; 2 due just now$/,
  );
});

it('says that no run was expected where there is none', () => {
  expect(coverageWords([ROW])).toBe('No run was expected in this window.');
});
