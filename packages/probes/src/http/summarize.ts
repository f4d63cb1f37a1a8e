import { absentRest, type Outcome } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason } from '../contract/verdict.ts';
import type { HttpOptions } from './descriptor.ts';
import { detailOf } from './detail.ts';
import { newFigures } from './figures.ts';
import { findingOf, verdictOf } from './judge.ts';
import { httpMetrics } from './metrics.ts';
import type { HttpObservation } from './observation.ts';
import { putPhases } from './phase-figures.ts';
import { putReuse } from './reuse-figures.ts';
import { timedDuring } from './timed-during.ts';
import { putTransfer } from './transfer-figures.ts';

/** The outcome of an http run; for an interrupted run, from its completed requests. */
export function summarize(observations: readonly HttpObservation[], _target: Target, options: HttpOptions): Outcome {
  const plain = observations.filter(({ role }) => role === 'plain');
  const [first] = plain;
  if (first === undefined) return nothingMeasured();
  const failed: AbsenceReason = first.fault?.cause === 'timeout' ? 'timed_out' : 'run_failed';
  const figures = newFigures();
  putPhases(figures, first, failed);
  putTransfer(figures, first, options, failed);
  putReuse(figures, observations, options);
  const { metrics, absent } = figures;
  const { verdict, finding } = verdictOf(plain.map((transaction) => findingOf(transaction, options)));
  const connects = first.hops.flatMap(({ connection }) => connection?.connectBy ?? []);
  const kernel = connects.filter((by) => by === 'kernel').length;
  const stamps = { kernel, process: plain.filter(({ fault }) => fault === null).length };
  const timing = { timedDuring: timedDuring(first, observations, metrics.connection_reuse_pct === 100) };
  const detail = detailOf(first);
  if (finding === undefined && options.requests === 1) return { verdict, metrics, absent, stamps, ...timing, detail };
  const samples = options.requests > 1 ? { samples: { ttfbs_ms: plain.map(ttfbOf) } } : {};
  const judged = finding === undefined ? { verdict } : { verdict, finding };
  return { ...judged, metrics, absent, ...samples, stamps, ...timing, detail };
}

const ttfbOf = ({ hops, fault }: HttpObservation): number | null =>
  fault === null ? (hops.at(-1)?.head?.firstByteMs ?? null) : null;

function nothingMeasured(): Outcome {
  return {
    verdict: 'unknown',
    finding: { cause: 'cancelled', side: 'agent', operation: 'run' },
    metrics: {},
    absent: absentRest(httpMetrics, {}, 'run_failed'),
    stamps: { kernel: 0, process: 0 },
    detail: {},
  };
}
