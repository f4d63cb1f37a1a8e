import { seriesStatesQuerySchema, seriesStatesSchema } from '@netsonde/protocol/api';
import type { z } from 'zod';
import { type PlannedTest, testState } from '../planning/model.ts';
import type { SeriesPage, SeriesState, StoreQuestions } from '../store/result-store.ts';
import { askerOf } from './asker.ts';
import { clockOffsets, verdictQuestions } from './current-verdicts.ts';
import { iso, isoOrNull } from './instants.ts';
import type { ApiParts } from './parts.ts';
import { type ApiRoute, route } from './route.ts';
import { whyNotUp } from './why-not-up.ts';

type Query = z.output<typeof seriesStatesQuerySchema>;
type Parts = Omit<ApiParts, 'store'> & { readonly store: StoreQuestions };
type View = z.output<typeof seriesStatesSchema>['series'][number];

/** Routes of series: how each of them is now. */
export function seriesRoutes(parts: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/series',
      access: 'viewer',
      tag: 'Results',
      summary:
        'How each planned series is now, since when and why, in pages: of a test (also at its end), or of all running tests.',
      query: seriesStatesQuerySchema,
      refusals: [404],
      answer: seriesStatesSchema,
      handle: async ({ query, ...request }) => {
        const tests = testsOf(parts, query);
        const page: SeriesPage = { verdict: query.verdict ?? null, after: query.after, limit: query.limit };
        const clocks = await clockOffsets(parts.auth);
        const ofTests = await Promise.all(tests.map((test) => verdictQuestions(parts, test, clocks)));
        const asked = ofTests
          .flat()
          .filter(({ check }) => (query.check ?? check) === check)
          .map((question) => ({ ...question, agent: query.agent, target: query.target }));
        const store = parts.store.askedBy(askerOf(request));
        const { counts, series, next } = await store.seriesStates(asked, page);
        const atOf = new Map(asked.map(({ check, atMs }) => [check, atMs]));
        // One after another: each may ask the store, which bounds the queries of a caller.
        const views: View[] = [];
        for (const state of series)
          views.push(await toView({ ...parts, store }, state, atOf.get(state.check) ?? parts.auth.now()));
        return { counts: { ...counts }, series: views, next };
      },
    }),
  ];
}

/** @throws ApiProblem 404 */
function testsOf({ planner, auth }: ApiParts, { test }: Query): readonly PlannedTest[] {
  if (test !== undefined) return [planner.test(test)];
  return planner.tests().filter((one) => testState(one, auth.now()) === 'running');
}

async function toView(parts: Parts, state: SeriesState, atMs: number): Promise<View> {
  const { planner } = parts;
  const { agent, check, target, verdict, sinceMs, orBefore, newestMs } = state;
  const { test, probe } = planner.directory.check(check) ?? { test: 0, probe: '' };
  const finding = await whyNotUp(parts, state, atMs);
  return {
    agent,
    agentName: planner.agents().get(agent)?.name ?? `agent ${agent}`,
    test,
    testName: planner.tests().find(({ id }) => id === test)?.name ?? `test ${test}`,
    check,
    probe,
    target,
    address: planner.directory.address(target) ?? '',
    verdict,
    since: iso(sinceMs),
    orBefore,
    newestAt: isoOrNull(newestMs),
    ...(finding === null ? {} : { finding }),
  };
}
