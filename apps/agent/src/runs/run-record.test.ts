import type { Outcome } from '@netsonde/probes/catalog';
import { agentRecordSchema, MAX_RECORD_BYTES } from '@netsonde/protocol';
import { expect, test } from 'vitest';
import { cutToSize, runRecord } from './run-record.ts';

const facts = { check: 1, target: 2, at: 1000, lateMs: 0.12345, tookMs: 5.6789, flags: [] };
const up: Outcome = { verdict: 'up', metrics: { a_ms: 1 }, absent: {}, stamps: { kernel: 1, process: 0 }, detail: {} };
const down: Outcome = { ...up, verdict: 'down', finding: { cause: 'refused', side: 'target', operation: 'connect' } };
const sized = (record: object) => Buffer.byteLength(JSON.stringify({ ...record, seq: 1_000_000_000 }));

test('a record holds the outcome of its run, and the log only when the verdict is not up', () => {
  expect(runRecord(facts, up, ['line'])).toEqual({
    t: 'run',
    check: 1,
    target: 2,
    at: 1000,
    late: 0.123,
    took: 5.679,
    verdict: 'up',
    metrics: { a_ms: 1 },
    absent: {},
    stamps: { kernel: 1, process: 0 },
  });
  const record = runRecord({ ...facts, flags: ['started_late'] }, { ...down, detail: { hop: 1 } }, ['line']);
  expect(record).toMatchObject({
    flags: ['started_late'],
    detail: { hop: 1 },
    log: ['line'],
    finding: { cause: 'refused' },
  });
  expect(agentRecordSchema.parse({ ...record, seq: 4 })).toMatchObject({ seq: 4 });
});

test.each([
  ['detail', { ...down, detail: { body: 'ä'.repeat(40_000) } }, []],
  ['log', down, Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(500)}`)],
  [
    'instances',
    {
      ...up,
      instances: Array.from({ length: 500 }, (_, i) => ({
        key: `${i}`,
        metrics: { [`m${'y'.repeat(50)}_ms`]: i, [`n${'y'.repeat(60)}`]: i },
        absent: {},
      })),
    },
    [],
  ],
  [
    'samples',
    {
      ...up,
      samples: Object.fromEntries(
        Array.from({ length: 4 }, (_, i) => [`s${i}_ms`, Array.from({ length: 4000 }, (_, j) => j + 0.123456)]),
      ),
    },
    [],
  ],
] as const)('too much %s is cut to what a frame carries, and said', (_what, outcome, log) => {
  const record = runRecord(facts, outcome as Outcome, log);
  expect(sized(record)).toBeGreaterThan(MAX_RECORD_BYTES);
  const cut = cutToSize(record);
  expect(sized(cut)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
  expect(cut.metrics).toEqual(record.metrics);
  expect(JSON.stringify([cut.detail, cut.log])).toMatch(/left out/);
});
