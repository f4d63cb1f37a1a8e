import {
  catalogInfo,
  ledgerQuerySchema,
  ledgerSchema,
  MOST_AHEAD_MS,
  type Overview,
  overviewSchema,
  type ProbeInfo,
} from '@netsonde/protocol/api';
import { z } from 'zod';
import { testState } from '../planning/model.ts';
import type { StoredResult, StoreQuestions } from '../store/result-store.ts';
import { isOnline } from './agent-presence.ts';
import { askerOf } from './asker.ts';
import { clockView } from './clock-routes.ts';
import { clockOffsets, verdictQuestions } from './current-verdicts.ts';
import { damagedCounts } from './damaged-counts.ts';
import { iso } from './instants.ts';
import { ledgerPage } from './ledger-page.ts';
import { ledgerOf } from './ledger-rows.ts';
import type { ApiParts } from './parts.ts';
import { invalid } from './problem.ts';
import { type ApiRoute, route } from './route.ts';
import { toResult } from './to-result.ts';

const DAY_MS = 86_400_000;
const RATE_WINDOW_MS = 60_000;
const RECENT = 20;
/** Windows to search for the newest results, in this order. A busy server has them in the first. */
const RECENT_WINDOWS_MS = [10_000, 600_000, DAY_MS];

/** Routes of the overview, the ledger and the catalog. */
export function overviewRoutes(parts: ApiParts): readonly ApiRoute[] {
  const probes: readonly ProbeInfo[] = catalogInfo(parts.catalog);
  return [
    route({
      method: 'GET',
      path: '/catalog',
      access: 'viewer',
      tag: 'Catalog',
      summary: 'All probes: their targets, options, metrics and samples. Forms and charts are made of this.',
      answer: z.array(z.custom<ProbeInfo>((value) => typeof value === 'object').meta({ type: 'object' })),
      handle: async () => [...probes],
    }),
    route({
      method: 'GET',
      path: '/overview',
      access: 'viewer',
      tag: 'Overview',
      summary: 'Counts, latest verdicts, and what happened last.',
      answer: overviewSchema,
      handle: (request) => overview(parts, parts.store.askedBy(askerOf(request))),
    }),
    route({
      method: 'GET',
      path: '/ledger',
      access: 'viewer',
      tag: 'Overview',
      summary:
        'What was due and what became of it: expected = stored + dropped + missed + refused + outstanding. By default the last 24 h. Lost records that cannot be read any more are listed by agent as `unreadable`: they are among the outstanding.',
      query: ledgerQuerySchema,
      refusals: [404],
      answer: ledgerSchema,
      handle: async ({ query: { from, to, agent, test, limit, cursor }, ...request }) => {
        const nowMs = parts.auth.now();
        const toMs = Math.min(nowMs, to === undefined ? nowMs : Date.parse(to));
        const fromMs = from === undefined ? toMs - DAY_MS : Date.parse(from);
        if (fromMs > toMs) throw invalid([{ path: 'from', message: 'is after to, or in the future' }]);
        const checks =
          test === undefined
            ? undefined
            : parts.planner.directory.checks(parts.planner.test(test).id).map(({ check }) => check);
        const { rows, unreadable } = await ledgerOf(
          { ...parts, db: parts.auth.db, store: parts.store.askedBy(askerOf(request)) },
          { fromMs, toMs, nowMs, agent, checks },
        );
        return {
          from: iso(fromMs),
          to: iso(toMs),
          ...ledgerPage(rows, limit, cursor),
          unreadable: cursor === undefined ? [...unreadable] : [],
          ...damagedCounts(parts, ['ledger'], {
            fromMs,
            toMs,
            ...(agent === undefined ? {} : { agent }),
            ...(checks === undefined ? {} : { checks }),
          }),
        };
      },
    }),
  ];
}

/** @param store queries of the caller. Coverage is shared by all callers. */
async function overview(parts: ApiParts, store: StoreQuestions): Promise<Overview> {
  const { planner, auth, coverage, fleet } = parts;
  const nowMs = auth.now();
  const { problem: clock } = clockView(parts.clock);
  const agents = [...planner.agents().values()].filter(({ revoked }) => !revoked);
  const tests = planner.tests();
  const checks = planner.directory.checks().map(({ check }) => check);
  const running = tests.filter((test) => testState(test, nowMs) === 'running');
  const clocks = await clockOffsets(auth);
  const questions = await Promise.all(running.map((test) => verdictQuestions(parts, test, clocks)));
  const [{ waiting, ...verdicts }, recent, stored, { overallPct }] = await Promise.all([
    store.verdictCounts(questions.flat()),
    recentResults(store, checks, { nowMs, latestMs: nowMs + Math.max(MOST_AHEAD_MS, ...clocks.values()) }),
    store.storedSince(nowMs - RATE_WINDOW_MS),
    coverage.figures(),
  ]);
  return {
    agents: { total: agents.length, online: agents.filter(({ id }) => isOnline(fleet, id)).length },
    targets: new Set(running.flatMap(({ targets }) => targets.map(({ address }) => address))).size,
    tests: { total: tests.length, running: running.length },
    verdicts,
    waiting,
    resultsPerMinute: (stored * 60_000) / RATE_WINDOW_MS,
    coveragePct: overallPct,
    recent: recent.map((one) => toResult(planner, one, one.record)).filter((result) => result !== null),
    ...damagedCounts(parts, ['ledger', 'rate'], {}),
    ...(clock === null ? {} : { clockProblem: clock }),
  };
}

/** The newest results that are not dated later than the clock of any agent says, so that none stays on top for a day. */
async function recentResults(
  store: Pick<StoreQuestions, 'results'>,
  checks: readonly number[],
  { nowMs, latestMs }: { readonly nowMs: number; readonly latestMs: number },
): Promise<readonly StoredResult[]> {
  let found: readonly StoredResult[] = [];
  for (const windowMs of RECENT_WINDOWS_MS) {
    found = await store.results({ checks, fromMs: nowMs - windowMs, toMs: latestMs + 1 }, RECENT);
    if (found.length === RECENT) break;
  }
  return found;
}
