import { createHash } from 'node:crypto';
import { canonicalAssignment, type SentCheck } from '@netsonde/protocol';

/** SHA-256, hex, of the text that both ends hash. */
export function assignmentHash(checks: readonly SentCheck[]): string {
  return createHash('sha256').update(canonicalAssignment(checks)).digest('hex');
}
