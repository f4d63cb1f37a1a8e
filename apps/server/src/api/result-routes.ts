import {
  digits,
  givenInstantSchema,
  resultSchema,
  resultsQuerySchema,
  resultsSchema,
  seriesQuerySchema,
  seriesSchema,
} from '@netsonde/protocol/api';
import { z } from 'zod';
import type { Damaged, DamageFilter, SeriesLine } from '../store/result-store.ts';
import { askerOf } from './asker.ts';
import { checkNotHeardAfter, clockOffsets } from './current-verdicts.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, invalid, notFound } from './problem.ts';
import { resultFilter } from './result-filter.ts';
import { type ApiRoute, idParams, route } from './route.ts';
import { toResult } from './to-result.ts';

const originParams = z.object({
  agent: idParams.shape.id,
  epoch: digits(0),
  seq: digits(0),
});

/** Routes of stored results and chart lines. */
export function resultRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { store, planner } = parts;
  return [
    route({
      method: 'GET',
      path: '/tests/:id/results',
      access: 'viewer',
      tag: 'Results',
      summary: 'A test’s results, newest first.',
      params: idParams,
      query: resultsQuerySchema,
      answer: resultsSchema,
      handle: async ({ params: { id }, query, ...request }) => {
        const stored = await store.askedBy(askerOf(request)).results(resultFilter(parts, id, query), query.limit + 1);
        const results = stored.slice(0, query.limit).map((one) => toResult(planner, one, one.record));
        return {
          results: results.filter((result) => result !== null),
          more: stored.length > query.limit,
          ...damagedIn(parts, resultFilter(parts, id, query)),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/tests/:id/series',
      access: 'viewer',
      tag: 'Results',
      summary:
        'One metric of one check over time: a line per agent, target and instance; what its points are made of, and what is left out or deleted by retention.',
      params: idParams,
      query: seriesQuerySchema,
      answer: seriesSchema,
      handle: async ({ params: { id }, query, ...request }) => {
        const filter = resultFilter(parts, id, query);
        checkMetric(parts, query.check, query.metric);
        const window = {
          fromMs: Date.parse(query.from),
          toMs: Date.parse(query.to),
          metric: query.metric,
          points: query.points,
          ...(query.percentiles === undefined ? {} : { percentiles: query.percentiles }),
        };
        const [{ lines, ...said }, clocks] = await Promise.all([
          store.askedBy(askerOf(request)).series({ ...filter, ...window }),
          clockOffsets(parts.auth),
        ]);
        const test = planner.test(id);
        const check = test.checks.find((one) => one.id === query.check);
        const limitMs = check && checkNotHeardAfter(parts, test, check);
        const heard = ({ agent }: SeriesLine) =>
          limitMs === undefined ? {} : { notHeardAfterMs: limitMs - (clocks.get(agent) ?? 0) };
        return {
          ...said,
          lines: lines.map((line) => ({ ...withNames(parts, line), ...heard(line) })),
          ...damagedIn(parts, { ...filter, ...window }),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/results/:agent/:epoch/:seq',
      access: 'viewer',
      tag: 'Results',
      summary: 'One result with its details and its own log. Naming its instant spares looking elsewhere.',
      params: originParams,
      query: z.object({ at: givenInstantSchema.optional() }),
      answer: resultSchema,
      handle: async ({ params: { agent, epoch, seq }, query: { at }, ...request }) => {
        const instant = at === undefined ? {} : { atMs: Date.parse(at) };
        const found = await store.askedBy(askerOf(request)).result({ agent, epoch, seq, ...instant });
        const result = found === null ? null : toResult(planner, found, found.record);
        if (result === null) throw noSuchResult(parts, agent, `${agent}/${epoch}/${seq}`);
        return result;
      },
    }),
  ];
}

/** If files are damaged, the result may be among those that cannot be read. */
function noSuchResult({ store }: ApiParts, agent: number, name: string): ApiProblem {
  const damaged = store.damaged({ agent });
  if (damaged === null) return notFound('result', name);
  const count = damaged.resultsAtMost ?? 'an unknown number of';
  return new ApiProblem(404, 'not_found', `Result ${name} cannot be found: a damaged file hides ${count} results.`);
}

/** Fields that report what damage hides from a response. Empty if nothing is hidden. Call it after the query. */
function damagedIn({ store }: ApiParts, filter: DamageFilter): { damaged?: Damaged } {
  const damaged = store.damaged(filter);
  return damaged === null ? {} : { damaged };
}

function checkMetric({ planner, catalog }: ApiParts, check: number, metric: string): void {
  const probe = planner.directory.check(check)?.probe ?? '';
  const descriptor = catalog[probe];
  const metrics = [...(descriptor?.metrics ?? []), ...(descriptor?.instance?.metrics ?? [])].map(({ id }) => id);
  const charted = [...metrics, ...(descriptor?.samples ?? []).map(({ id }) => `${id}[]`)];
  if (!charted.includes(metric))
    throw invalid([{ path: 'metric', message: `${probe} has no metric ${metric}: it has ${charted.join(', ')}` }]);
}

function withNames({ planner }: ApiParts, line: SeriesLine) {
  const { check: _, at, value, min, max, verdict, absent, percentiles, ...rest } = line;
  return {
    ...rest,
    agentName: planner.agents().get(line.agent)?.name ?? `agent ${line.agent}`,
    address: planner.directory.address(line.target) ?? '',
    at: [...at],
    value: [...value],
    ...(min === undefined ? {} : { min: [...min] }),
    ...(max === undefined ? {} : { max: [...max] }),
    verdict: [...verdict],
    absent: { ...absent },
    ...(percentiles === undefined
      ? {}
      : { percentiles: percentiles.map((one) => ({ percentile: one.percentile, value: [...one.value] })) }),
  };
}
