import type { Evidence, Finding, Outcome } from '../contract/outcome.ts';
import type { Cause, Side } from '../contract/verdict.ts';
import type { HostNetwork, PathState } from '../net/path-state.ts';

/** Cause and side that one piece of evidence implies. */
interface Judgement {
  /** null: keeps the cause that the probe found. */
  readonly cause: Cause | null;
  readonly side: Side;
  /** What this host found about its own network; null: nothing. */
  readonly because: string | null;
}

const OURS = { cause: 'local_network', side: 'agent' } as const;

/**
 * Decides whose fault a failed run is: the one place where that happens. A fault of this host's own link, route or gateway
 * is the agent's; silence is the path's unless the target's host itself was heard of; a target on the link that does not
 * answer ARP or neighbour discovery is down itself. Asks the host's network once for each address of the evidence.
 */
export async function attribute(outcome: Outcome, network: HostNetwork | undefined): Promise<Outcome> {
  const { finding } = outcome;
  if (finding === undefined) return outcome;
  if (finding.evidence === undefined) return finding.side === 'agent' ? { ...outcome, verdict: 'unknown' } : outcome;
  const { evidence, ...bare } = finding;
  const judgements = await Promise.all(evidence.map((one) => judge(one, network)));
  // An address that this host cannot reach does not count if another address gives evidence about the target.
  const decisive = judgements.find(({ side }) => side !== 'agent') ?? judgements[0];
  if (decisive === undefined) return { ...outcome, finding: bare };
  const judged = judgedFinding(bare, decisive);
  return { ...outcome, verdict: verdictOf(outcome, judged), finding: judged };
}

function judgedFinding(finding: Finding, { cause, side, because }: Judgement): Finding {
  const operation = because === null ? finding.operation : `${finding.operation}: ${because}`;
  const isResolvers = finding.side === 'resolver' && side !== 'agent';
  return { cause: cause ?? finding.cause, side: isResolvers ? 'resolver' : side, operation };
}

function verdictOf({ verdict }: Outcome, { side }: Finding): Outcome['verdict'] {
  if (side === 'agent' || side === 'resolver') return 'unknown';
  return verdict === 'unknown' ? 'down' : verdict;
}

async function judge(evidence: Evidence, network: HostNetwork | undefined): Promise<Judgement> {
  const state: PathState = network === undefined ? { kind: 'unknown' } : await network.stateTowards(evidence.address);
  return ofHost(state) ?? ofEvidence(evidence, state, network);
}

/** The fault on this host's side; null if there is none. */
function ofHost(state: PathState): Judgement | null {
  switch (state.kind) {
    case 'open':
    case 'unknown':
    case 'target_silent':
      return null;
    case 'no_route':
      return { ...OURS, because: `this host has no route (${state.code})` };
    case 'no_carrier':
      return { ...OURS, because: `this host’s interface ${state.link} has no link` };
    case 'gateway_silent':
      return { ...OURS, because: `the gateway ${state.gateway} does not answer` };
  }
}

function ofEvidence(
  { fact, from, heard, address }: Evidence,
  { kind }: PathState,
  network: HostNetwork | undefined,
): Judgement {
  const cause = fact === 'silence' ? null : 'unreachable';
  if (kind === 'target_silent')
    return { cause, side: 'target', because: 'it is on this host’s link and does not answer there' };
  if (fact === 'local') return { ...OURS, because: null };
  if (fact === 'silence') return { cause: null, side: heard === true ? 'target' : 'path', because: null };
  if (from === undefined) return { cause, side: 'path', because: null };
  if (bare(from) === bare(address)) return { cause, side: 'target', because: null };
  return network?.isOwn(from) === true ? { ...OURS, because: null } : { cause, side: 'path', because: null };
}

const bare = (address: string): string => address.split('%')[0] ?? address;
