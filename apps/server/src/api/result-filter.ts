import type { Verdict } from '@netsonde/probes/catalog';
import type { ResultFilter } from '../store/result-store.ts';
import type { ApiParts } from './parts.ts';
import { invalid } from './problem.ts';

interface Query {
  readonly agent?: number | undefined;
  readonly check?: number | undefined;
  readonly target?: number | undefined;
  readonly verdict?: Verdict | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Converts a test's query to the store's filter, which includes removed checks of the test. @throws ApiProblem 404, 422 */
export function resultFilter({ planner }: ApiParts, testId: number, query: Query): ResultFilter {
  planner.test(testId);
  const checks = planner.directory.checks(testId).map(({ check }) => check);
  const { check, agent, target, verdict, from, to } = query;
  if (check !== undefined && !checks.includes(check))
    throw invalid([{ path: 'check', message: `test ${testId} has no check ${check}` }]);
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    throw invalid([{ path: 'to', message: 'is not after from' }]);
  return {
    checks: check === undefined ? checks : [check],
    ...(agent === undefined ? {} : { agent }),
    ...(target === undefined ? {} : { target }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    ...(to === undefined ? {} : { toMs: Date.parse(to) }),
  };
}
