import { existsSync, readFileSync } from 'node:fs';
import type { TargetPolicy } from '@netsonde/probes/runtime';
import { z } from 'zod';
import { closedPolicy, type PolicyRules, targetPolicy } from './target-policy.ts';

const list = z.array(z.string()).default([]);
const fileSchema = z.strictObject({ allow: list, deny: list, only: list });

/** What was made of the owner's rules; `problem` is set where everything is refused because they cannot be read. */
export interface ReadPolicy {
  readonly policy: TargetPolicy;
  readonly problem: string | null;
}

/** Joins the policy file, if there is one, with the rules of the command line. Fails closed. */
export function readPolicy(path: string, rules: PolicyRules): ReadPolicy {
  try {
    const file = existsSync(path)
      ? fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
      : { allow: [], deny: [], only: [] };
    const joined = {
      allow: [...file.allow, ...rules.allow],
      deny: [...file.deny, ...rules.deny],
      only: [...file.only, ...rules.only],
    };
    return { policy: targetPolicy(joined), problem: null };
  } catch (error) {
    const why =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    const problem = `the policy in ${path} cannot be used (${why}): mend it or remove it`;
    return { policy: closedPolicy(problem), problem };
  }
}
