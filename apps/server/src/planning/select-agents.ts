import type { AgentSelection } from '@netsonde/protocol/api';
import type { KnownAgent, Labels } from './model.ts';

/** What choosing depends on beside the selection itself. */
export interface Candidates {
  readonly agents: ReadonlyMap<number, KnownAgent>;
  /** Agents that run the test now: they keep it while they are online. */
  readonly holders: ReadonlySet<number>;
  /** Agents without a session since this instant or longer count as away; epoch ms. */
  readonly awaySinceMs: number;
  /** How much an agent has to do already: the least loaded is taken first. */
  readonly load: (agent: number) => number;
}

/** The agents that a selection means now. Revoked ones are never among them. */
export function selectAgents(selection: AgentSelection, candidates: Candidates): readonly number[] {
  const { agents } = candidates;
  switch (selection.by) {
    case 'chosen':
      return [...new Set(selection.agents)].filter((id) => agents.get(id)?.revoked === false);
    case 'labels':
      return usable(agents).flatMap(({ id, labels }) => (carries(labels, selection.labels) ? [id] : []));
    case 'any':
      return anyOnline(selection.count, usable(agents), candidates);
  }
}

const usable = (agents: ReadonlyMap<number, KnownAgent>): readonly KnownAgent[] =>
  [...agents.values()].filter(({ revoked }) => !revoked);

/** Whether an agent's labels hold all the wanted ones. */
export function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Holders that are not away stay; then online agents, least loaded first; an away holder stays where nobody can replace it. */
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
