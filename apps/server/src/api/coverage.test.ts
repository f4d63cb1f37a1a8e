import type { LedgerRow } from '@netsonde/protocol/api';
import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';

const row = (
  agent: number,
  counts: Pick<LedgerRow, 'expected' | 'stored' | 'outstanding'> & Partial<LedgerRow>,
): LedgerRow => ({
  agent,
  agentName: `agent ${agent}`,
  test: 1,
  testName: 'one',
  check: 1,
  probe: 'icmp',
  target: 1,
  address: '::1',
  retired: 0,
  dropped: {},
  missed: {},
  refused: {},
  pending: 0,
  ...counts,
});

const figures = (rows: readonly LedgerRow[]) =>
  new Coverage(
    async () => rows,
    () => 0,
  ).figures();

test('coverage is null if nothing was due or reported yet, and is a number if runs were lost', async () => {
  expect((await figures([])).overallPct).toBeNull();
  const young = await figures([row(1, { expected: 3, stored: 0, outstanding: 3 })]);
  expect([young.overallPct, young.byAgent.get(1)]).toEqual([null, undefined]);
  const lost = await figures([row(1, { expected: 3, stored: 0, outstanding: 1 })]);
  expect([lost.overallPct, lost.byAgent.get(1)]).toEqual([0, 0]);
});

test('outstanding runs count once any run was reported', async () => {
  const { overallPct, byAgent } = await figures([
    row(1, { expected: 4, stored: 3, outstanding: 1 }),
    row(1, { expected: 4, stored: 0, outstanding: 4 }),
    row(2, { expected: 4, stored: 0, outstanding: 4 }),
  ]);
  expect([overallPct, byAgent.get(1), byAgent.get(2)]).toEqual([25, 37.5, undefined]);
});

test('runs that may still be in transit do not count yet', async () => {
  const { overallPct, byAgent } = await figures([
    row(1, { expected: 5, stored: 4, outstanding: 1, pending: 1 }),
    row(2, { expected: 5, stored: 1, outstanding: 3, pending: 1 }),
    row(3, { expected: 1, stored: 0, outstanding: 1, pending: 1 }),
  ]);
  expect([overallPct, byAgent.get(1), byAgent.get(2), byAgent.get(3)]).toEqual([62.5, 100, 25, undefined]);
});
