import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ABSENCE_REASONS } from '@netsonde/probes/catalog';
import type { RunRecord } from '@netsonde/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { records, run } from '../../conformance/frames.test-data.ts';
import { Parts } from '../parts.test-data.ts';
import { MOST_LAYOUTS } from './agent-layouts.ts';

let folder: string;
let parts: Parts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-layouts-'));
  parts = new Parts(folder);
});
afterEach(() => {
  parts.close();
  rmSync(folder, { recursive: true });
});

const reasons = ABSENCE_REASONS.length;
const reason = (place: number) => ABSENCE_REASONS[place % reasons] ?? 'run_failed';

/** The absences with this number: each is another layout. */
const absences = (place: number): RunRecord['absent'] => ({
  depth_m: reason(place),
  pings: reason(Math.floor(place / reasons)),
  clear: reason(Math.floor(place / reasons ** 2)),
  note: reason(Math.floor(place / reasons ** 3)),
});

const send = (items: readonly RunRecord[], agent = 1) => {
  const [report] = parts.writer.commit([{ origin: { agent, epoch: 1 }, frame: records(1, items), receivedMs: 1 }]);
  if (report === undefined) throw new Error('no report');
  return report;
};

const shaped = (seq: number, place: number): RunRecord => run(seq, { metrics: {}, absent: absences(place) });

test('the sets of metrics and absences that an agent’s results add are bounded, also after a restart', () => {
  expect(reasons ** 4).toBeGreaterThan(MOST_LAYOUTS + 2);
  const kept = Array.from({ length: MOST_LAYOUTS - 1 }, (_, seq) => shaped(seq, seq));
  expect(send(kept).refusedCount).toBe(0);
  parts.close();
  parts = new Parts(folder);
  const seq = MOST_LAYOUTS - 1;
  const instance = (key: string, metrics: RunRecord['metrics']) => ({ key, metrics, absent: {} });
  const first = send([
    shaped(seq, seq),
    shaped(seq + 1, seq + 1),
    shaped(seq + 2, 0),
    run(seq + 3, { metrics: {}, absent: absences(1), instances: [instance('a', {}), instance('b', { angle: 1 })] }),
  ]);
  expect(first.stored).toEqual([
    [seq, seq],
    [seq + 2, seq + 2],
  ]);
  expect(first.refused.map(({ seq, reason }) => [seq, reason.split(':')[0]])).toEqual([
    [seq + 1, 'metrics'],
    [seq + 3, 'instances.0.metrics'],
  ]);
  expect(send([shaped(0, 1), shaped(1, seq + 1)], 2).refusedCount).toBe(0);
  expect(send([shaped(seq + 4, seq + 1)]).stored).toEqual([[seq + 4, seq + 4]]);
});

test('a transaction that is undone counts no sets of metrics', () => {
  const place = (seq: number) => shaped(seq, seq);
  const frame = records(1, [place(0), place(1)]);
  parts.intake.exec("CREATE TRIGGER halt BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'halt'); END");
  expect(() => parts.writer.commit([{ origin: { agent: 1, epoch: 1 }, frame, receivedMs: 1 }])).toThrow('halt');
  expect(parts.intake.prepare('SELECT count(*) FROM agent_layouts').pluck().get()).toBe(0);
  parts.intake.exec('DROP TRIGGER halt');
  expect(send([place(0), place(1), place(2)]).refusedCount).toBe(0);
  expect(parts.intake.prepare('SELECT count FROM agent_layouts').pluck().all()).toEqual([3]);
});
