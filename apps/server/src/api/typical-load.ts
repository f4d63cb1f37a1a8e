import type { ValidTest } from '../planning/test-input.ts';
import type { ApiParts } from './parts.ts';

/** Results of one target that a typical run is the mean of, and targets that are asked about: a preview is asked while people type. */
const RECENT = 10;
const MOST_TARGETS = 3;
const DAY_MS = 86_400_000;

/** What an ordinary run of a check carries, bytes, and what that is taken from. */
export interface TypicalRun {
  readonly bytes: number;
  readonly from: 'results' | 'declared';
}

type CheckInput = ValidTest['checks'][number];

/** An ordinary run: as the latest results of the same probe and address were, else as the probe declares it. */
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
