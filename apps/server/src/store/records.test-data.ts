import { ABSENCE_REASONS, CAUSES, SIDES, VERDICTS } from '@netsonde/probes/catalog';
import { RUN_FLAGS, type RunRecord } from '@netsonde/protocol';
import fc from 'fast-check';

const LARGEST = 1e21;

/** Numbers as agents send them: whole, whole nanoseconds in ms, and arbitrary doubles. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -5, max: 100 }),
  fc.integer({ min: 0, max: 400_000_000 }).map((ns) => ns / 1e6),
  fc.integer({ min: 0, max: 10_000 }).map((part) => part / 100),
  fc.double({ noNaN: true, min: -LARGEST, max: LARGEST }),
);

const span = anyNumber.map((number) => Math.min(Math.abs(number), 2 ** 49));

const metricId = fc.constantFrom(
  'rtt_avg_ms',
  'loss_pct',
  'sent',
  'constructor',
  'reply_ttl',
  'mos',
  'text_of_it',
  'a',
);
const value = fc.oneof(anyNumber, fc.boolean(), fc.string({ unit: 'binary', maxLength: 20 }));
const measured = fc.record({
  metrics: fc.dictionary(metricId, value, { noNullPrototype: true }),
  absent: fc.dictionary(fc.constantFrom('late', 'jitter_ms', 'cwnd_bytes'), fc.constantFrom(...ABSENCE_REASONS), {
    noNullPrototype: true,
  }),
});
const samples = fc.dictionary(
  fc.constantFrom('rtts_ms', 'echo_ms'),
  fc.array(fc.option(anyNumber, { freq: 5 }), { maxLength: 60 }),
  { noNullPrototype: true },
);

/** Arbitrary result that an agent may send, for one (check, target). */
export const anyRun = (check = 1, target = 2): fc.Arbitrary<RunRecord> =>
  fc
    .tuple(
      measured,
      fc.record(
        {
          t: fc.constant('run' as const),
          seq: fc.integer({ min: 0, max: 2 ** 40 }),
          check: fc.constant(check),
          target: fc.constant(target),
          at: fc.integer({ min: 0, max: 4e12 }),
          late: span,
          took: span,
          verdict: fc.constantFrom(...VERDICTS),
          stamps: fc.record({ kernel: fc.nat(), process: fc.nat() }),
          finding: fc.record({
            cause: fc.constantFrom(...CAUSES),
            side: fc.constantFrom(...SIDES),
            operation: fc.string({ maxLength: 30 }),
          }),
          samples,
          instances: fc.array(
            fc
              .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }), measured)
              .map(([key, of]) => ({ key, ...of })),
            { maxLength: 5 },
          ),
          flags: fc.array(fc.constantFrom(...RUN_FLAGS), { maxLength: 3 }),
          detail: fc.dictionary(
            fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__'),
            fc.jsonValue() as fc.Arbitrary<never>,
            { noNullPrototype: true },
          ),
          log: fc.array(fc.string({ maxLength: 40 }), { maxLength: 5 }),
        },
        { requiredKeys: ['t', 'seq', 'check', 'target', 'at', 'late', 'took', 'verdict', 'stamps'] },
      ),
    )
    .map(([of, rest]) => ({ ...rest, ...of }) as RunRecord)
    .map((record) => JSON.parse(JSON.stringify(record)) as RunRecord);
