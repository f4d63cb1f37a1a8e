import { type AssignedCheck, assignedCheckSchema, type SentCheck } from '@netsonde/protocol';
import { z } from 'zod';
import type { RefusedCheck } from './ready-checks.ts';

/** Valid checks, and invalid ones with the field that is wrong. */
export interface ReadChecks {
  readonly checks: readonly AssignedCheck[];
  readonly refused: readonly RefusedCheck[];
}

/** Reads the checks one by one. An invalid one is refused and does not affect the others. */
export function readChecks(sent: readonly SentCheck[]): ReadChecks {
  const checks: AssignedCheck[] = [];
  const refused: RefusedCheck[] = [];
  for (const one of sent) {
    const read = assignedCheckSchema.safeParse(one);
    if (read.success) checks.push(read.data);
    else refused.push({ check: one.check, reason: reasonOf(read.error) });
  }
  return { checks, refused };
}

function reasonOf({ issues }: z.ZodError): string {
  const faults = issues.slice(0, 5).map(({ path, message }) => `${z.core.toDotPath(path) || 'check'}: ${message}`);
  return `${faults.join('; ')}: nothing is scheduled for it`.slice(0, 500);
}
