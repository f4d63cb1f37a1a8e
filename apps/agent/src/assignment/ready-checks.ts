import { type Catalog, type ProbeDescriptor, parseTarget, type Target } from '@netsonde/probes/catalog';
import type { Runners } from '@netsonde/probes/runtime';
import { type AssignedCheck, addressesWithin, issueWords, wrongFields, wrongInWords } from '@netsonde/protocol';
import type { ReadPolicy } from '../policy/read-policy.ts';
import type { ReadyCheck } from '../runs/run-check.ts';

/** A check that this agent refuses to run, and why. With `target`: refused against that target only. */
export interface RefusedCheck {
  readonly check: number;
  readonly target?: number;
  readonly reason: string;
}

/** Checks that can run, and those that cannot. */
export interface Readied {
  /** `targets` holds the targets that the agent may measure. */
  readonly ready: readonly ReadyCheck[];
  readonly refused: readonly RefusedCheck[];
}

/** What this agent can run and is allowed to run. */
export interface Abilities {
  readonly catalog: Catalog;
  readonly runners: Runners;
  readonly rules: Pick<ReadPolicy, 'policy' | 'problem'>;
}

const MAX_REASON = 500;

/**
 * Looks up each check's probe, parses its options and targets, and asks the owner's policy. It trusts the server for
 * none of these.
 */
export function readyChecks(checks: readonly AssignedCheck[], abilities: Abilities): Readied {
  const ready: ReadyCheck[] = [];
  const refused: RefusedCheck[] = [];
  for (const check of checks) {
    const made = readyCheck(check, abilities, (target, reason) =>
      refused.push({ check: check.check, target, reason: reason.slice(0, MAX_REASON) }),
    );
    if (typeof made === 'string') refused.push({ check: check.check, reason: made.slice(0, MAX_REASON) });
    else ready.push(made);
  }
  return { ready, refused };
}

function readyCheck(
  check: AssignedCheck,
  { catalog, runners, rules }: Abilities,
  refuse: (target: number, reason: string) => void,
): ReadyCheck | string {
  const descriptor = Object.hasOwn(catalog, check.probe) ? catalog[check.probe] : undefined;
  const runner = Object.hasOwn(runners, check.probe) ? runners[check.probe] : undefined;
  if (descriptor === undefined || runner === undefined)
    return `probe: this agent knows no probe "${check.probe}": it knows ${Object.keys(catalog).join(', ')}; update the agent`;
  const options = descriptor.options.safeParse(check.options, { error: issueWords });
  if (!options.success) return `options: ${wrongInWords(wrongFields(options.error))}`;
  const targets = new Map<number, Target>();
  for (const { target, address } of check.targets) {
    const read = readTarget(address, descriptor, rules);
    if (typeof read === 'string') refuse(target, read);
    else targets.set(target, read);
  }
  const timeMetrics = descriptor.metrics.filter(({ unit }) => unit === 'ms').map(({ id }) => id);
  const kernelTimed = runner.kernelTimed?.(options.data) ?? false;
  return { check, descriptor, runner, options: options.data, targets, timeMetrics, kernelTimed };
}

/**
 * The target as the probe understands it, or why it is not measured. The policy checks a name at each run, once it is
 * resolved.
 */
function readTarget(text: string, { target: grammar }: ProbeDescriptor, rules: Abilities['rules']): Target | string {
  if (rules.problem !== null) return rules.policy.refusal(text) ?? rules.problem;
  try {
    const target = parseTarget(grammar, text);
    if (grammar.form === 'name' || addressesWithin(target.host).length === 0) return target;
    return rules.policy.refusal(target.host) ?? target;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
