import { expect, test } from 'vitest';
import type { FileState } from './file-state.ts';
import { findLosses, type States } from './losses.ts';

const ID = 7;
const marked = (count: number, id = ID): FileState => ({ kind: 'present', mark: { id, count }, used: true, holds: '' });
const unmarked = (used: boolean): FileState => ({ kind: 'present', mark: null, used, holds: '' });
const MISSING: FileState = { kind: 'missing' };
const EMPTY: FileState = { kind: 'empty' };
const UNREADABLE: FileState = { kind: 'unreadable' };

const states = (database: FileState, intake: FileState, results: FileState): States => ({ database, intake, results });
const found = (of: States, id: number | null = ID, isLogWhole = false): readonly string[] =>
  findLosses({ states: of, id, isLogWhole }).map(({ file, how }) => `${file} ${how}`);

test('files that a kill left one count apart are complete, and one that is two behind is older', () => {
  expect(found(states(marked(4), marked(5), marked(5)))).toEqual([]);
  expect(found(states(marked(5), marked(5), marked(4)))).toEqual([]);
  expect(found(states(marked(3), marked(5), marked(5)))).toEqual(['database older']);
  expect(found(states(marked(9), marked(2), marked(3)))).toEqual(['intake older', 'results older']);
});

test('missing, empty and foreign files are found together, and a damaged one is left to its opening', () => {
  expect(found(states(marked(5), MISSING, EMPTY))).toEqual(['intake missing', 'results empty']);
  expect(found(states(marked(5), marked(5, 8), marked(5)))).toEqual(['intake foreign']);
  expect(found(states(UNREADABLE, marked(5), UNREADABLE))).toEqual([]);
  expect(found(states(MISSING, MISSING, MISSING))).toEqual(['database missing', 'intake missing', 'results missing']);
});

test('a file of an earlier version beside marked ones is an older backup', () => {
  expect(found(states(marked(2), unmarked(true), marked(2)))).toEqual(['intake older']);
});

test('without a manifest the configuration says which folder this is, and else its results do', () => {
  expect(found(states(marked(5), marked(5, 8), marked(5, 8)), null)).toEqual(['intake foreign', 'results foreign']);
  expect(found(states(MISSING, marked(5), marked(5)), null)).toEqual(['database missing']);
});

test('a folder of an earlier version is complete with its files, and a new one without any', () => {
  expect(found(states(MISSING, MISSING, MISSING), null)).toEqual([]);
  expect(found(states(EMPTY, MISSING, MISSING), null)).toEqual([]);
  expect(found(states(unmarked(false), unmarked(false), EMPTY), null)).toEqual([]);
  expect(found(states(unmarked(true), unmarked(true), unmarked(true)), null)).toEqual([]);
});

test('a folder of an earlier version lacks what its other files show to have been there', () => {
  expect(found(states(MISSING, unmarked(true), unmarked(true)), null)).toEqual(['database missing']);
  expect(found(states(unmarked(true), MISSING, unmarked(true)), null)).toEqual(['intake missing']);
  expect(found(states(unmarked(true), unmarked(true), EMPTY), null)).toEqual(['results empty']);
  expect(found(states(unmarked(true), MISSING, MISSING), null)).toEqual(['intake missing', 'results missing']);
  // All results are in the log of the intake still.
  expect(found(states(unmarked(true), unmarked(true), MISSING), null, true)).toEqual([]);
});
