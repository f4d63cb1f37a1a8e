import { capabilitySchema, systemSchema } from '@netsonde/protocol';
import { type Agent, labelsSchema } from '@netsonde/protocol/api';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { agentProblemWords } from '../clock/clock-words.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AgentRefusals } from '../store/result-store.ts';
import { presenceOf } from './agent-presence.ts';
import { damagedCounts } from './damaged-counts.ts';
import { iso, isoOrNull } from './instants.ts';
import type { ApiParts, LiveAgent } from './parts.ts';
import { notFound } from './problem.ts';

/** Window of the coverage, ms. */
const COVERAGE_MS = 86_400_000;

const capabilitiesSchema = z.array(capabilitySchema);

/** All agents as the API shows them, revoked ones last. */
export async function listAgents(parts: ApiParts): Promise<Agent[]> {
  const rows = await parts.auth.db.selectFrom('agent').selectAll().orderBy('name').execute();
  const { byAgent } = await parts.coverage.figures();
  const refusals = new Map((await parts.store.refusals()).map((one) => [one.agent, one]));
  const agents = rows.map((row) => toAgent(parts, row, { byAgent, refusals }));
  return agents.sort((a, b) => Number(a.status === 'revoked') - Number(b.status === 'revoked'));
}

/** @throws ApiProblem 404 */
export async function oneAgent(parts: ApiParts, id: number): Promise<Agent> {
  const row = await parts.auth.db.selectFrom('agent').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('agent', id);
  const { byAgent } = await parts.coverage.figures();
  const refusals = new Map((await parts.store.refusals(id)).map((one) => [one.agent, one]));
  return toAgent(parts, row, { byAgent, refusals });
}

/** Current values of all agents, by id. */
interface Figures {
  /** Coverage in percent. */
  readonly byAgent: ReadonlyMap<number, number>;
  readonly refusals: ReadonlyMap<number, AgentRefusals>;
}

function toAgent(parts: ApiParts, row: Selectable<ConfigSchema['agent']>, figures: Figures): Agent {
  const { fleet, planner } = parts;
  const live = fleet.live(row.id);
  const clock = live?.clock ?? null;
  const presence = presenceOf(fleet, row);
  return {
    id: row.id,
    name: row.name,
    labels: labelsSchema.parse(JSON.parse(row.labels)),
    ownLabels: labelsSchema.parse(JSON.parse(row.own_labels)),
    ownLabelsSelect: row.own_labels_select !== 0,
    status: presence.state === 'not_heard' ? 'offline' : presence.state,
    silent: presence.state === 'not_heard',
    presence,
    address: row.address,
    system: row.system === null ? null : systemSchema.parse(JSON.parse(row.system)),
    capabilities: capabilitiesSchema.parse(JSON.parse(row.capabilities)),
    enrolledAt: iso(row.enrolled_at),
    lastSeenAt: isoOrNull(live?.lastHeardMs ?? fleet.lastSeenMs(row.id) ?? row.last_seen_at),
    clockOffsetMs: clock?.offsetMs ?? row.clock_offset_ms,
    clockErrorMs: clock?.errorMs ?? row.clock_error_ms,
    clockMeasuredAt: isoOrNull(clock?.atMs ?? null),
    ...ownClockOf(live?.ownClock),
    listening: fleet.listening.ofAgent(row.id) ?? null,
    clone: cloneOf(row),
    assignment: { checks: planner.checkCount(row.id), inStep: live?.inStep ?? false },
    spool: live?.spool ?? null,
    loopDelayP99Ms: live?.loopDelayP99Ms ?? null,
    coveragePct: figures.byAgent.get(row.id) ?? null,
    refused: { ...figures.refusals.get(row.id)?.refused },
    unplanned: unplannedOf(figures.refusals.get(row.id)?.unplanned ?? null),
    ...damagedCounts(parts, ['ledger', 'refusals'], { agent: row.id, fromMs: parts.auth.now() - COVERAGE_MS }),
  };
}

function ownClockOf(clock: LiveAgent['ownClock'] | undefined): Pick<Agent, 'clock'> {
  if (clock === undefined || clock === null) return {};
  const { problem, ...state } = clock;
  if (problem === null) return { clock: { ...state, problem } };
  const { kind, byMs, sinceMs } = problem;
  return { clock: { ...state, problem: { kind, byMs, since: iso(sinceMs), text: agentProblemWords(problem) } } };
}

function unplannedOf(unplanned: AgentRefusals['unplanned']): Agent['unplanned'] {
  if (unplanned === null) return null;
  const { records, bytes, firstMs, lastMs } = unplanned;
  return { records, bytes, firstAt: iso(firstMs), lastAt: iso(lastMs) };
}

function cloneOf({ clone_address, clone_seen_at }: Selectable<ConfigSchema['agent']>): Agent['clone'] {
  return clone_address === null || clone_seen_at === null ? null : { address: clone_address, at: iso(clone_seen_at) };
}
