import type { LedgerRow } from '@netsonde/protocol/api';
import { expect, it } from 'vitest';
import { carries, labelText, parseLabels } from './label-text.ts';
import { ledgerSum, missedInWords, missingInWords, reasonsInWords, retiredInWords, worstFirst } from './ledger-sum.ts';
import { agoWords, spanWords } from './time-words.ts';
import { absenceWords, causeWords, missedWords, whyWords } from './verdict-words.ts';

it.each([
  [0, '0 s'],
  [45_000, '45 s'],
  [90_000, '1 min 30 s'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [90_000_000, '1 d 1 h'],
  [864_000_000, '10 d'],
])('%i ms is %s', (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});

const ROW: LedgerRow = {
  agent: 1,
  agentName: 'a',
  test: 1,
  testName: 't',
  check: 1,
  probe: 'p',
  target: 1,
  address: 'x',
  expected: 10,
  stored: 5,
  retired: 0,
  dropped: {},
  missed: {},
  refused: {},
  outstanding: 0,
  pending: 0,
};

it('relative times are correct before and after an instant', () => {
  expect(agoWords(10_000, 10_500)).toBe('just now');
  expect(agoWords(0, 12_000)).toBe('12 s ago');
  expect(agoWords(60_000, 0)).toBe('in 1 min');
});

it('labels are parsed as they are written', () => {
  const labels = { site: 'lyon', 'rack.row': 'far left', empty: '' };
  expect(parseLabels(labelText(labels))).toEqual(labels);
  expect(parseLabels('a=1, b=2')).toEqual({ a: '1', b: '2' });
  expect(() => parseLabels('lyon')).toThrow('write key=value');
  expect(() => parseLabels('1a=x')).toThrow('"1a=x" is no label: the name of a label begins with a letter');
  expect(() => parseLabels(`a=${'x'.repeat(201)}`)).toThrow('has at most 200 characters');
  expect(carries(labels, { site: 'lyon' })).toBe(true);
  expect(carries(labels, { site: 'paris' })).toBe(false);
});

it('the numbers of a ledger add up', () => {
  const row: LedgerRow = { ...ROW, dropped: { disk_full: 1, torn: 1 }, missed: { agent_off: 2 }, outstanding: 1 };
  expect(ledgerSum([row, { ...row, retired: 3 }])).toEqual({
    expected: 20,
    stored: 10,
    retired: 3,
    dropped: 4,
    missed: 4,
    refused: 0,
    outstanding: 2,
    pending: 0,
  });
  expect([0, 1, 1500].map(retiredInWords)).toEqual([
    '',
    '; 1 of those stored is deleted by retention since',
    expect.stringMatching(/^; 1.?500 of those stored are deleted by retention since$/),
  ]);
  expect(reasonsInWords(row.missed, missedWords)).toBe('2× agent was off');
  expect(reasonsInWords({}, missedWords)).toBe('0');
  expect(missingInWords([row, row])).toBe(
    'dropped: 2× disk full, 2× torn by a crash; missed: 4× agent was off; 2 outstanding',
  );
  expect(missingInWords([{ ...ROW, outstanding: 3, pending: 2 }])).toBe('1 outstanding; 2 due just now');
  expect(missingInWords([{ ...ROW, outstanding: 2, pending: 2 }])).toBe('2 due just now');
  expect(missingInWords([{ ...ROW, missed: { late: 1 }, refused: { future: 2, not_planned: 1 } }])).toBe(
    "missed: 1× the agent was too busy to begin in time; refused: 2× in the future, 1× not in the agent's plan",
  );
  expect(ledgerSum([{ ...ROW, refused: { future: 2, not_planned: 1 } }]).refused).toBe(3);
  expect(missingInWords([])).toBe('');
});

it('a test without results says what became of its runs', () => {
  const denied: LedgerRow = { ...ROW, expected: 37, stored: 0, missed: { policy: 36 }, outstanding: 1, pending: 1 };
  expect(missedInWords([denied])).toBe("All 36 due runs were missed: refused by the agent's policy.");
  expect(missedInWords([{ ...denied, outstanding: 3, expected: 39 }])).toMatch(/^36 of 38 due runs were missed: /);
  expect(missedInWords([denied, { ...denied, missed: { budget: 36 } }])).toBe(
    "All 72 due runs were missed: 36× refused by the agent's policy, 36× over the agent's data budget.",
  );
  expect(missedInWords([{ ...denied, expected: 2, missed: { policy: 1 } }])).toMatch(/^The due run was missed: /);
  expect(missedInWords([{ ...denied, stored: 1 }])).toBe('');
  expect(missedInWords([{ ...denied, missed: {} }])).toBe('');
});

it('a missing result is explained by the reason for which its runs were missed', () => {
  expect(whyWords('budget')).toBe("over the agent's data budget");
  expect(whyWords('not_heard')).toBe('nothing was heard from the agent');
  expect(whyWords('disk_full')).toBe('disk full');
});

it('the ledger begins with the rows that lack most, and outstanding runs may still arrive', () => {
  const row = (address: string, stored: number, outstanding: number) => ({ ...ROW, address, stored, outstanding });
  const rows = [row('whole', 10, 0), row('coming', 2, 8), row('half', 5, 0), row('most gone', 1, 0)];
  expect(worstFirst(rows).map(({ address }) => address)).toEqual(['most gone', 'half', 'whole', 'coming']);
});

it('a reason that is newer than the page is shown unchanged', () => {
  expect(absenceWords('timed_out')).toBe('no answer arrived in time');
  expect(causeWords('toString')).toBe('toString');
  expect(causeWords('moon_in_the_way')).toBe('moon in the way');
});
