import type { ValidTest } from '../planning/test-input.ts';
import type { ApiParts } from './parts.ts';

/** Limits: results per target for the mean, and targets queried. Forms request previews while the user types. */
const RECENT = 10;
const MOST_TARGETS = 3;
const DAY_MS = 86_400_000;

/** Bytes of a typical run of a check, and the source of the figure. */
export interface TypicalRun {
  readonly bytes: number;
  readonly from: 'results' | 'declared';
}

type CheckInput = ValidTest['checks'][number];

/** Estimates a typical run from the latest results of the same probe and address, else from the probe's declaration. */
export async function typicalRun(
  parts: Pick<ApiParts, 'catalog' | 'planner' | 'store' | 'auth'>,
  { probe, options }: CheckInput,
  addresses: readonly string[],
): Promise<TypicalRun> {
  const descriptor = parts.catalog[probe];
  if (descriptor === undefined) return { bytes: 0, from: 'declared' };
  const { measuredBytes } = descriptor;
  const cost = descriptor.cost(options);
  const declared: TypicalRun = { bytes: Math.min(cost.bytes, cost.typicalBytes ?? cost.bytes), from: 'declared' };
  if (measuredBytes === undefined) return declared;
  const found = await Promise.all(
    addresses.slice(0, MOST_TARGETS).map((address) => recentResults(parts, probe, address)),
  );
  const measured = found.flat().flatMap((metrics) => measuredBytes(metrics, options) ?? []);
  if (measured.length === 0) return declared;
  return { bytes: Math.round(measured.reduce((sum, bytes) => sum + bytes, 0) / measured.length), from: 'results' };
}

async function recentResults(
  { planner, store, auth }: Pick<ApiParts, 'planner' | 'store' | 'auth'>,
  probe: string,
  address: string,
) {
  for (const test of planner.tests()) {
    const target = test.targets.find((one) => one.address === address)?.id;
    const checks = test.checks.filter((check) => check.probe === probe).map(({ id }) => id);
    if (target === undefined || checks.length === 0) continue;
    const results = await store.results({ checks, target, fromMs: auth.now() - DAY_MS }, RECENT);
    if (results.length > 0) return results.map(({ record }) => record.metrics);
  }
  return [];
}
