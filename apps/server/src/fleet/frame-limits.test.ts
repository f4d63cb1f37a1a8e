import type { AgentMessage, ServerMessage } from '@netsonde/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Intake, IntakeReport } from '../store/result-store.ts';
import { FrameLimits } from './frame-limits.ts';
import type { SharedParts } from './ports.ts';
import { RecordIntake } from './record-intake.ts';
import { SessionRejection } from './rejection.ts';

test('each kind of frame has its own burst and rate', () => {
  let nowMs = 0;
  const limits = new FrameLimits(() => nowMs, { progress: { bytes: 100, perS: 2, burst: 3 } });
  for (let n = 0; n < 3; n += 1) limits.take('progress', 10);
  expect(() => limits.take('progress', 10)).toThrow(
    '"progress" frames came too fast: 2 a second and 3 at once at most',
  );
  limits.take('status', 10);
  nowMs = 500;
  limits.take('progress', 10);
  expect(() => limits.take('progress', 10)).toThrow(SessionRejection);
  expect(() => limits.take('status', 64 * 1024 + 1)).toThrow('a "status" frame of 65537 bytes came: 65536 at most');
  nowMs = 60_000;
  expect(() => limits.take('progress', 101)).toThrow('101 bytes');
});

test('no pace passes more frames than burst and rate allow, and a steady sender below the rate always passes', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 30 }), (steps, perS, burst) => {
      let nowMs = 0;
      let passed = 0;
      const limits = new FrameLimits(() => nowMs, { time: { bytes: 100, perS, burst } });
      for (const step of steps) {
        nowMs += step;
        try {
          limits.take('time', 1);
          passed += 1;
        } catch {
          expect(passed).toBeGreaterThanOrEqual(burst);
        }
      }
      expect(passed).toBeLessThanOrEqual(burst + (perS * nowMs) / 1000 + 1e-6);
    }),
  );
});

test.each(['status', 'progress', 'drops', 'time', 'bye', 'assigned'] as const)(
  'frames of kind "%s" have a limit by default',
  (kind) => {
    const limits = new FrameLimits(() => 0);
    const flood = () => {
      for (let n = 0; n < 25_000; n += 1) limits.take(kind satisfies AgentMessage['type'], 10);
    };
    expect(flood).toThrow(SessionRejection);
  },
);

/** A store that keeps frames pending until the test commits them. */
class SlowStore {
  readonly #waiting: (() => void)[] = [];

  ingest({ origin }: Intake): Promise<IntakeReport> {
    const none = { refused: [], alsoRefused: [], refusedCount: 0, results: [], resultCount: 0, missed: [] };
    const report = { origin, stored: [[0, 0] as const], ...none };
    return new Promise((resolve) => this.#waiting.push(() => resolve(report)));
  }

  async commit(count: number): Promise<void> {
    for (const done of this.#waiting.splice(0, count)) done();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('with many pending drops, reading pauses until half are durable, and each is acknowledged', async () => {
  const store = new SlowStore();
  const events: string[] = [];
  const sent: ServerMessage[] = [];
  const parts = {
    store: { ingest: (one: Intake) => store.ingest(one) },
    now: Date.now,
    audience: { listening: () => false },
  };
  const intake = new RecordIntake(parts as unknown as SharedParts, {
    agent: () => 1,
    epoch: () => 1,
    aheadMs: () => 0,
    who: () => 'agent 1',
    ended: () => false,
    send: (message) => sent.push(message),
    failed: (error) => events.push(String(error)),
    pause: () => events.push('pause'),
    resume: () => events.push('resume'),
  });
  for (let n = 0; n < 40; n += 1) intake.take(Buffer.from('{}'), { kind: 'drops', epoch: 1 });
  expect([events, intake.paused, sent.length]).toEqual([['pause'], true, 0]);
  await store.commit(20);
  expect([events, intake.paused, sent.length]).toEqual([['pause'], true, 20]);
  await store.commit(4);
  expect([events, intake.paused, sent.length]).toEqual([['pause', 'resume'], false, 24]);
  await store.commit(100);
  expect([events, sent.length]).toEqual([['pause', 'resume'], 40]);
});
