import type { Catalog, ProbeDescriptor } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import { LEAD_MS } from '../plan/span.ts';
import type { KnownAgent, Options, TestState } from './model.ts';

/** A check as the warnings need it, stored or not yet stored. */
export interface WarnedCheck {
  readonly id: number | null;
  readonly probe: string;
  readonly options: Options;
  readonly intervalMs: number;
  /** Why no agent is assigned the check. null: the check has no fault. */
  readonly fault: string | null;
}

export interface Warned {
  readonly state: TestState;
  readonly selection: AgentSelection;
  /** null: the test runs until it is stopped. */
  readonly durationMs: number | null;
  readonly checks: readonly WarnedCheck[];
  /** Agents that the test is assigned to. */
  readonly agents: readonly KnownAgent[];
  /** Whether an agent is heard. */
  readonly isOnline: (agent: number) => boolean;
  /** Why an agent refuses a check. undefined: the agent runs it. */
  readonly refusal: (agent: number, check: number) => string | undefined;
}

const MAX_WARNINGS = 20;

/** Warnings for a test's owner, most urgent first. */
export function warningsOf(
  { state, selection, durationMs, checks, agents, isOnline, refusal }: Warned,
  catalog: Catalog,
): readonly string[] {
  const warnings = checks.flatMap(({ probe, fault }) =>
    fault === null ? [] : [`The check ${probe} does not run: ${fault}`],
  );
  const sound = checks.filter(({ fault }) => fault === null);
  if (sound.length > 0 && (state === 'running' || state === 'scheduled')) {
    warnings.push(
      ...presenceWarning(agents, isOnline),
      ...tooFewWarning(selection, agents),
      ...shortWarnings(durationMs, sound),
    );
    for (const agent of agents) warnings.push(...agentWarnings(agent, sound, catalog, refusal));
  }
  return warnings.length > MAX_WARNINGS
    ? [...warnings.slice(0, MAX_WARNINGS), `and ${warnings.length - MAX_WARNINGS} more`]
    : warnings;
}

function presenceWarning(agents: readonly KnownAgent[], isOnline: Warned['isOnline']): readonly string[] {
  if (agents.length === 0) return ['No agent runs this test: none matches its selection now.'];
  if (!agents.some(({ id }) => isOnline(id)))
    return [
      `No assigned agent is online (${agents
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ')}): its results come when one is back.`,
    ];
  return [];
}

function tooFewWarning(selection: AgentSelection, { length }: readonly KnownAgent[]): readonly string[] {
  if (selection.by !== 'any' || length === 0 || length >= selection.count) return [];
  return [`Only ${length} of the ${selection.count} agents that it asks for run this test: no more are online.`];
}

/** A span begins a moment after it is planned, and each series has its own phase. */
function shortWarnings(durationMs: number | null, checks: readonly WarnedCheck[]): readonly string[] {
  if (durationMs === null) return [];
  return checks
    .filter(({ intervalMs }) => durationMs - LEAD_MS < intervalMs)
    .map(
      ({ probe, intervalMs }) =>
        `The check ${probe} may end without a run: the test lasts ${durationMs / 1000} s, its interval is ${intervalMs / 1000} s. Choose a longer duration, or a shorter interval.`,
    );
}

function agentWarnings(
  agent: KnownAgent,
  checks: readonly WarnedCheck[],
  catalog: Catalog,
  refusal: Warned['refusal'],
): readonly string[] {
  const lacks = [...new Set(checks.map(({ probe }) => probe))].flatMap((probe) => {
    const descriptor = catalog[probe];
    return descriptor === undefined ? [] : missingNeeds(descriptor, agent);
  });
  const refusals = checks.flatMap(({ id, probe }) => {
    const reason = id === null ? undefined : refusal(agent.id, id);
    return reason === undefined ? [] : [`Agent ${agent.name} refuses ${probe}: ${reason}`];
  });
  return [...lacks, ...refusals];
}

function missingNeeds({ id, needs }: ProbeDescriptor, { name, capabilities }: KnownAgent): readonly string[] {
  const known = new Map(capabilities.map((capability) => [capability.id, capability]));
  return needs
    .filter((anyOf) => anyOf.length > 0 && anyOf.every((need) => known.get(need)?.available === false))
    .map((anyOf) => {
      const fix = anyOf.map((need) => known.get(need)?.mend).find((command) => command !== undefined);
      return `Agent ${name} cannot run ${id}: it lacks ${anyOf.join(' or ')}${fix === undefined ? '' : `; to fix it: ${fix}`}`;
    });
}
