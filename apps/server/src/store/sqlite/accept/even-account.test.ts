import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phaseMs } from '@netsonde/protocol/schedule-grid';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missedOf, run } from '../../conformance/frames.test-data.ts';
import { openDatabase } from '../../open-database.ts';
import { Parts, type Work } from '../parts.test-data.ts';
import { ledger } from '../query/ledger.ts';
import { Plans } from './plans.ts';

const START_MS = 1_700_000_000_000;
const INTERVAL_MS = 1000;
const PHASE_MS = phaseMs(1, 1, 1, INTERVAL_MS);
const FIRST = Math.ceil((START_MS - PHASE_MS) / INTERVAL_MS);
/** Instants of the plan by number, from 0. */
const at = (index: number): number => (FIRST + index) * INTERVAL_MS + PHASE_MS;

let folder: string;
let config: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-even-'));
  config = openDatabase(join(folder, 'config.db'), { pageSize: 4096, cacheKib: 100, readonly: false });
  config.exec(`CREATE TABLE "check" (id INTEGER PRIMARY KEY AUTOINCREMENT, tag);
    CREATE TABLE target (id INTEGER PRIMARY KEY AUTOINCREMENT, tag);
    CREATE TABLE incarnation (id, lost_from_ms, began_ms, check_from, check_to, target_from, target_to);
    INSERT INTO "check" VALUES (1, 7); INSERT INTO target VALUES (1, 9);
    CREATE TABLE assignment_span (agent_id, check_id, target_id, interval_ms, from_ms, to_ms);
    INSERT INTO assignment_span VALUES (1, 1, 1, ${INTERVAL_MS}, ${START_MS}, NULL);`);
});
afterAll(() => {
  config.close();
  rmSync(folder, { recursive: true, force: true });
});

type Step =
  /** The agent measures, and flags runs at instants that it has reported before. It moves on by so many instants. */
  | { readonly do: 'measure'; readonly count: number }
  /** Its clock is set by so many instants. Skipped ones are reported as missed. */
  | { readonly do: 'set'; readonly by: number }
  /** It is killed and started again after so many instants. */
  | { readonly do: 'restart'; readonly after: number }
  /** Its folder is kept, or put back to the state that was kept last. */
  | { readonly do: 'keep' | 'put back' }
  /** The server takes what has arrived: all but the newest records, or those only. */
  | { readonly do: 'deliver'; readonly isBacklog: boolean }
  | { readonly do: 'restart server' }
  | { readonly do: 'work'; readonly work: Work };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('measure' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), by: fc.integer({ min: -15, max: 15 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), after: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('keep' as const, 'put back' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), isBacklog: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart server' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      work: fc.constantFrom<Work[]>('fold', 'trim', 'merge', 'merge all'),
    }),
  },
);

interface Sent {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly record: ReturnType<typeof run> | ReturnType<typeof missedOf>;
}

/** An agent's folder and clock: what it reports, by its own rules. */
class Agent {
  readonly spool: Sent[] = [];
  /** The next instant by its clock. */
  next = 20;
  through = 19;
  #epoch = 1;
  #seq = 0;
  #starts = 1;
  #kept = { through: 19, spool: [] as readonly Sent[] };

  measure(count: number): void {
    for (let left = count; left > 0; left -= 1, this.next += 1) {
      const isRepeated = this.next <= this.through;
      const flags = isRepeated ? { flags: ['repeated' as const] } : {};
      this.#add(this.next, this.next, run(this.#seq, { at: at(this.next), ...flags }));
    }
  }

  set(by: number): void {
    this.next = Math.max(0, this.next + by);
    this.#skip('clock_stepped');
  }

  restart(after: number): void {
    this.#epoch = this.#starts += 1;
    this.#seq = 0;
    this.next += after;
    this.#skip('agent_off');
  }

  keep(): void {
    this.#kept = { through: this.through, spool: [...this.spool] };
  }

  putBack(): void {
    this.through = this.#kept.through;
    this.spool.splice(0, this.spool.length, ...this.#kept.spool);
    this.restart(0);
  }

  #skip(reason: 'clock_stepped' | 'agent_off'): void {
    const [from, to] = [this.through + 1, this.next - 1];
    if (from <= to)
      this.#add(from, to, missedOf(this.#seq, { from: at(from), to: at(to), count: to - from + 1, reason }));
  }

  #add(from: number, to: number, record: Sent['record']): void {
    this.spool.push({ epoch: this.#epoch, from, to, record });
    this.#seq += 1;
    this.through = Math.max(this.through, to);
  }
}

test('whatever clocks and folders do, each instant is a run or missed once, and a run takes back what was missed', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const place = mkdtempSync(join(folder, 'store-'));
      const open = () => new Parts(place, new Plans(config));
      let parts = open();
      const agent = new Agent();
      const seen = new Set<string>();
      const states = new Map<number, 'run' | 'missed'>();
      const deliver = (sent: readonly Sent[]) => {
        for (const { epoch, from, to, record } of sent) {
          parts.take(epoch, [record]);
          if (seen.has(`${epoch}/${record.seq}`)) continue;
          seen.add(`${epoch}/${record.seq}`);
          for (let index = from; index <= to; index += 1)
            if (record.t === 'run') states.set(index, 'run');
            else if (!states.has(index)) states.set(index, 'missed');
        }
      };
      try {
        for (const one of steps) {
          if (one.do === 'measure') agent.measure(one.count);
          else if (one.do === 'set') agent.set(one.by);
          else if (one.do === 'restart') agent.restart(one.after);
          else if (one.do === 'keep') agent.keep();
          else if (one.do === 'put back') agent.putBack();
          else if (one.do === 'work') parts.work(one.work);
          else if (one.do === 'deliver') {
            const half = Math.floor(agent.spool.length / 2);
            deliver(one.isBacklog ? agent.spool.splice(0, half) : agent.spool.splice(half));
          } else {
            parts.close();
            parts = open();
          }
          for (const [from, to] of [
            [0, 500],
            [10, 30],
            [25, 26],
          ] as const) {
            const [found] = parts.snapshot.read(() => ledger(parts.snapshot, { fromMs: at(from), toMs: at(to) }));
            const inside = [...states].filter(([index]) => index >= from && index < to).map(([, state]) => state);
            const missed = Object.values(found?.missed ?? {}).reduce((sum, count) => sum + count, 0);
            expect({ stored: found?.stored ?? 0, missed }).toEqual({
              stored: inside.filter((state) => state === 'run').length,
              missed: inside.filter((state) => state === 'missed').length,
            });
          }
        }
      } finally {
        parts.close();
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('an instant that was refused is not counted as refused once its run is stored, also after a restart', () => {
  const place = mkdtempSync(join(folder, 'store-'));
  const open = () => new Parts(place, new Plans(config));
  let parts = open();
  const count = () => {
    const [found] = parts.snapshot.read(() => ledger(parts.snapshot, { fromMs: 0, toMs: at(500) }));
    return [found?.stored, found?.refused];
  };
  const sendAt = (epoch: number, latestMs: number) =>
    parts.take(
      epoch,
      [0, 1, 2].map((index) => run(index, { at: at(index) })),
      latestMs,
    );
  sendAt(1, at(0));
  expect(count()).toEqual([1, { future: 2 }]);
  parts.close();
  parts = open();
  sendAt(2, at(1));
  expect(count()).toEqual([2, { future: 1 }]);
  sendAt(3, at(2));
  expect(count()).toEqual([3, {}]);
  parts.close();
});
