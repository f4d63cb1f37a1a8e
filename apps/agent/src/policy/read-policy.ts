import { existsSync, readFileSync } from 'node:fs';
import type { TargetPolicy } from '@netsonde/probes/runtime';
import { issueWords, wrongFields, wrongInWords } from '@netsonde/protocol';
import { z } from 'zod';
import { type BudgetLimits, noLimits } from './budget-limits.ts';
import { closedPolicy, type PolicyRules, targetPolicy } from './target-policy.ts';

const list = z.array(z.string()).default([]);
const limit = z.number().positive().max(Number.MAX_SAFE_INTEGER).nullable().default(null);
const limits = z.strictObject({ packetsPerSecond: limit, bytesPerHour: limit, bytesPerDay: limit });
const fileSchema = z.strictObject({ allow: list, deny: list, only: list, limits: limits.default(noLimits) });

/** The owner's rules. `problem` is set where everything is refused because the rules cannot be read. */
export interface ReadPolicy {
  readonly policy: TargetPolicy;
  readonly limits: BudgetLimits;
  readonly problem: string | null;
}

/** Joins the policy file, if there is one, with the rules of the command line. Refuses everything on an error. */
export function readPolicy(path: string, rules: PolicyRules): ReadPolicy {
  try {
    const file = existsSync(path)
      ? fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')), { error: issueWords })
      : { allow: [], deny: [], only: [], limits: noLimits };
    const joined = {
      allow: [...file.allow, ...rules.allow],
      deny: [...file.deny, ...rules.deny],
      only: [...file.only, ...rules.only],
    };
    return { policy: targetPolicy(joined), limits: file.limits, problem: null };
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? wrongInWords(wrongFields(error))
        : error instanceof Error
          ? error.message
          : String(error);
    const problem = `the policy in ${path} cannot be used (${why}): fix it or remove it`;
    return { policy: closedPolicy(problem), limits: noLimits, problem };
  }
}
