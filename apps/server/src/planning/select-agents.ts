import type { AgentSelection } from '@netsonde/protocol/api';
import type { KnownAgent, Labels } from './model.ts';

/** State that the choice depends on, besides the selection. */
export interface Candidates {
  readonly agents: ReadonlyMap<number, KnownAgent>;
  /** Agents that run the test now. They keep it while they are online. */
  readonly holders: ReadonlySet<number>;
  /** An agent counts as away if it lost its session at or before this instant; epoch ms. */
  readonly awaySinceMs: number;
  /** An agent's current load. The least loaded agent is chosen first. */
  readonly load: (agent: number) => number;
}

/** Whether an agent matches a selection that decides on each agent on its own. Revoked agents never match. */
export function isSelected(selection: Exclude<AgentSelection, { by: 'any' }>, agent: KnownAgent | undefined): boolean {
  if (agent === undefined || agent.revoked) return false;
  return selection.by === 'chosen' ? selection.agents.includes(agent.id) : carries(agent.labels, selection.labels);
}

/** The agents that match a selection now. Revoked agents never match. */
export function selectAgents(selection: AgentSelection, candidates: Candidates): readonly number[] {
  const { agents } = candidates;
  switch (selection.by) {
    case 'chosen':
      return [...new Set(selection.agents)].filter((id) => agents.get(id)?.revoked === false);
    case 'labels':
      return [...agents.values()].flatMap((agent) => (isSelected(selection, agent) ? [agent.id] : []));
    case 'any':
      return anyOnline(selection.count, usable(agents), candidates);
  }
}

const usable = (agents: ReadonlyMap<number, KnownAgent>): readonly KnownAgent[] =>
  [...agents.values()].filter(({ revoked }) => !revoked);

/** Whether an agent has all the wanted labels. */
export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Current agents that are not away stay, then online agents by load. An away agent stays if no other can replace it. */
function anyOnline(
  count: number,
  candidates: readonly KnownAgent[],
  { holders, awaySinceMs, load }: Candidates,
): readonly number[] {
  const present = ({ offlineSinceMs }: KnownAgent) => offlineSinceMs === null || offlineSinceMs > awaySinceMs;
  const held = candidates.filter(({ id }) => holders.has(id));
  const fresh = candidates
    .filter(({ id, offlineSinceMs }) => !holders.has(id) && offlineSinceMs === null)
    .sort((a, b) => load(a.id) - load(b.id) || a.id - b.id);
  const ranked = [...held.filter(present), ...fresh, ...held.filter((agent) => !present(agent))];
  return ranked.slice(0, count).map(({ id }) => id);
}
