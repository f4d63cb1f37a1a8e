import { expect, test } from 'vitest';
import { z } from 'zod';
import { faultsOf } from '../contract/conformance.ts';
import type { RunContext } from '../contract/context.ts';
import { declareProbe } from '../contract/descriptor.ts';
import { declareRunner } from '../contract/runner.ts';
import { Patience } from '../net/patience.ts';
import { calmly } from './calm-run.test-support.ts';
import { execute } from './execute.ts';
import { suiteHost } from './run-probe.test-support.ts';
import { RunStop } from './run-stop.ts';

const DEADLINE_S = 0.4;
const probe = declareProbe({
  id: 'endless',
  label: 'Endless',
  summary: 'Does not end by itself',
  target: { form: 'host' },
  options: z.strictObject({}),
  metrics: [
    {
      id: 'seen',
      label: 'Seen',
      description: 'Observations',
      kind: 'integer',
      unit: null,
      better: 'neither',
      aggregate: 'sum',
      source: 'counted',
    },
  ],
  samples: [],
  instance: null,
  needs: [],
  cost: () => ({ packets: 1, bytes: 1, seconds: DEADLINE_S, leastSeconds: 0, resolvingSeconds: 0 }),
});
const target = { text: '127.0.0.1', host: '127.0.0.1' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a generator that ignores its signal. */
async function run(generator: (context: RunContext) => AsyncGenerator<number>, stop = new RunStop()) {
  const seen: unknown[] = [];
  const runner = declareRunner(probe, {
    run: generator,
    summarize: (observations) => ({
      verdict: 'up',
      metrics: { seen: observations.length },
      absent: {},
      stamps: { kernel: 0, process: 0 },
      detail: {},
    }),
    describe: () => null,
  });
  const startedMs = performance.now();
  const execution = await execute(
    suiteHost,
    probe,
    runner as never,
    target,
    {},
    { stop, onObservation: (one) => seen.push(one) },
  );
  expect(faultsOf(probe, execution.outcome)).toEqual([]);
  return { execution, tookMs: performance.now() - startedMs, seen };
}

async function* silent(): AsyncGenerator<number> {
  await pause(5000);
  yield 1;
}

async function* chatty(): AsyncGenerator<number> {
  for (let count = 0; count < 5000; count++) {
    yield count;
    await pause(1);
  }
}

test.each([
  ['never yields', silent],
  ['never stops to yield', chatty],
] as const)('a runner that %s and ignores its signal is left behind soon after the deadline', async (_, generator) => {
  const { execution, tookMs, seen } = await calmly(() => run(generator));
  expect(execution.stopped).toBe('deadline');
  expect(tookMs).toBeLessThan(DEADLINE_S * 1000 + 1000);
  const { length } = seen;
  await pause(50);
  expect(seen).toHaveLength(length);
});

test('a cancelled run ends even if its runner ignores the signal', async () => {
  const stop = new RunStop();
  setTimeout(() => stop.abort(), 20);
  const { execution, tookMs } = await calmly(() => run(silent, stop));
  expect(execution.stopped).toBe('cancelled');
  expect(execution.outcome).toMatchObject({ verdict: 'unknown', finding: { cause: 'cancelled', side: 'agent' } });
  expect(tookMs).toBeLessThan(1000);
});

test('a run whose wait ended long after its timeout on a busy host is marked as stalled', async () => {
  const timer = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200), 1);
  const { execution } = await run(async function* ({ clock }) {
    await new Promise((resolve) => new Patience(clock, 100).wait(resolve));
    yield 1;
  });
  clearInterval(timer);
  expect(execution.tookMs).toBeGreaterThan(0);
  expect(execution.tookMs < 360 || execution.stalledMs >= 250, JSON.stringify(execution)).toBe(true);
});
