import { type Catalog, type ProbeDescriptor, parseTarget, type Target } from '@netsonde/probes/catalog';
import type { Runners } from '@netsonde/probes/runtime';
import type { AssignedCheck } from '@netsonde/protocol';
import { z } from 'zod';
import type { ReadyCheck } from '../runs/run-check.ts';

/** A check that this agent will not run, and why. */
export interface RefusedCheck {
  readonly check: number;
  readonly reason: string;
}

/** Checks that can run, and those that cannot. */
export interface Readied {
  readonly ready: readonly ReadyCheck[];
  readonly refused: readonly RefusedCheck[];
}

/** Looks up each check's probe and parses its options and targets; the server's word is not taken for any of it. */
export function readyChecks(checks: readonly AssignedCheck[], catalog: Catalog, runners: Runners): Readied {
  const ready: ReadyCheck[] = [];
  const refused: RefusedCheck[] = [];
  for (const check of checks) {
    const made = readyCheck(check, catalog, runners);
    if (typeof made === 'string') refused.push({ check: check.check, reason: made.slice(0, 500) });
    else ready.push(made);
  }
  return { ready, refused };
}

function readyCheck(check: AssignedCheck, catalog: Catalog, runners: Runners): ReadyCheck | string {
  const descriptor = Object.hasOwn(catalog, check.probe) ? catalog[check.probe] : undefined;
  const runner = Object.hasOwn(runners, check.probe) ? runners[check.probe] : undefined;
  if (descriptor === undefined || runner === undefined)
    return `probe: this agent knows no probe "${check.probe}": it knows ${Object.keys(catalog).join(', ')}; update the agent`;
  const options = descriptor.options.safeParse(check.options);
  if (!options.success) return `options: ${z.prettifyError(options.error)}`;
  const targets = readTargets(check, descriptor);
  if (typeof targets === 'string') return targets;
  const timeMetrics = descriptor.metrics.filter(({ unit }) => unit === 'ms').map(({ id }) => id);
  return { check, descriptor, runner, options: options.data, targets, timeMetrics };
}

function readTargets(check: AssignedCheck, descriptor: ProbeDescriptor): Map<number, Target> | string {
  const targets = new Map<number, Target>();
  for (const { target, address } of check.targets) {
    try {
      targets.set(target, parseTarget(descriptor.target, address));
    } catch (error) {
      return `target ${target}: ${error instanceof Error ? error.message : error}`;
    }
  }
  return targets;
}
