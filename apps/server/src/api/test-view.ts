import type { Catalog } from '@netsonde/probes/catalog';
import type { Test } from '@netsonde/protocol/api';
import {
  dutyEnded,
  type KnownAgent,
  type PlannedCheck,
  type PlannedTest,
  progressPct,
  testState,
} from '../planning/model.ts';
import { shownOptions } from '../planning/secrets.ts';
import { warningsOf } from '../planning/warnings.ts';
import { isOnline } from './agent-presence.ts';
import { clockOffsets, verdictQuestions } from './current-verdicts.ts';
import { damagedCounts } from './damaged-counts.ts';
import { iso, isoOrNull } from './instants.ts';
import type { ApiParts } from './parts.ts';

/** All tests as the API shows them, newest first. */
export async function listTests(parts: ApiParts): Promise<Test[]> {
  const tests = [...parts.planner.tests()].reverse();
  const clocks = await clockOffsets(parts.auth);
  return Promise.all(tests.map((test) => toView(parts, test, { assignedIds: parts.planner.assignedTo(test), clocks })));
}

/** @throws ApiProblem 404 */
export async function oneTest(parts: ApiParts, id: number): Promise<Test> {
  const test = parts.planner.test(id);
  return toView(parts, test, { assignedIds: parts.planner.assignedTo(test), clocks: await clockOffsets(parts.auth) });
}

interface Fleet {
  /** Agents that the test is assigned to. */
  readonly assignedIds: ReadonlySet<number>;
  /** See `clockOffsets`. */
  readonly clocks: ReadonlyMap<number, number>;
}

async function toView(parts: ApiParts, test: PlannedTest, { assignedIds, clocks }: Fleet): Promise<Test> {
  const { planner, tallies, auth, catalog, fleet } = parts;
  const nowMs = auth.now();
  const state = testState(test, nowMs);
  const assigned = [...assignedIds].map((id) => planner.agents().get(id)).filter((agent) => agent !== undefined);
  const { verdicts, waiting, resultCount } = await tallies.of(test.id, await verdictQuestions(parts, test, clocks));
  const warned = {
    state,
    selection: test.selection,
    durationMs: test.durationMs,
    checks: test.checks.map((check) => ({ ...check, intervalMs: check.intervalMs ?? test.intervalMs })),
    agents: assigned,
    isOnline: (agent: number) => isOnline(fleet, agent),
    refusal: (agent: number, check: number) => planner.refusal(agent, check),
  };
  return {
    id: test.id,
    name: test.name,
    description: test.description,
    state,
    targets: test.targets.map(({ id, address, labels }) => ({ id, address, labels: { ...labels } })),
    checks: test.checks.map((check) => toCheck(check, catalog)),
    agents: test.selection,
    interval: test.intervalMs / 1000,
    duration: test.durationMs === null ? null : test.durationMs / 1000,
    startAt: iso(test.startMs),
    endAt: isoOrNull(test.endMs),
    endedAt: isoOrNull(dutyEnded(test, nowMs)),
    createdAt: iso(test.createdMs),
    assigned: assigned.map((agent) => toAssigned(agent, fleet)),
    warnings: [...warningsOf(warned, catalog)],
    progressPct: progressPct(test, nowMs),
    verdicts,
    waiting,
    resultCount,
    ...damagedCounts(parts, ['ledger'], { checks: planner.directory.checkIds(test.id) }),
  };
}

/** A check without the secrets of its options. */
const toCheck = ({ id, probe, options, expectations, intervalMs, fault }: PlannedCheck, catalog: Catalog) => ({
  id,
  probe,
  options: shownOptions(catalog, probe, options),
  expectations: [...expectations],
  interval: intervalMs === null ? null : intervalMs / 1000,
  ...(fault === null ? {} : { fault }),
});

/** An agent in a test's list of agents. */
export const toAssigned = ({ id, name }: KnownAgent, fleet: ApiParts['fleet']) => ({
  id,
  name,
  online: isOnline(fleet, id),
});
