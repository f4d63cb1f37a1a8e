import type { SentCheck, ServerMessage } from '@netsonde/protocol';
import { assignmentHash } from './assignment-hash.ts';

type AssignPart = Extract<ServerMessage, { type: 'assign' }>;

/** An assignment that arrived whole. */
export interface Arrived {
  readonly revision: number;
  readonly hash: string;
  readonly checks: readonly SentCheck[];
}

/** Joins the parts of an assignment. A part out of order starts over. */
export class AssignmentParts {
  #revision = -1;
  #parts: AssignPart[] = [];

  /** Returns the whole assignment with its last part; null before. @throws Error where its hash does not match. */
  add(part: AssignPart): Arrived | null {
    if (part.part === 0 || part.revision !== this.#revision) this.#parts = [];
    this.#revision = part.revision;
    if (part.part !== this.#parts.length)
      throw new Error(`part ${part.part} of assignment ${part.revision} came out of turn`);
    this.#parts.push(part);
    if (this.#parts.length < part.parts) return null;
    const checks = joined(this.#parts.flatMap(({ checks }) => checks));
    this.#parts = [];
    const hash = assignmentHash(checks);
    if (hash !== part.hash)
      throw new Error(`assignment ${part.revision} has the hash ${hash}, announced was ${part.hash}`);
    return { revision: part.revision, hash, checks };
  }
}

/** Merges the parts of each check whose targets were split over several parts. */
function joined(checks: readonly SentCheck[]): readonly SentCheck[] {
  const whole: SentCheck[] = [];
  for (const check of checks) {
    const last = whole.at(-1);
    const same = last?.check === check.check && last.startMs === check.startMs && last.endMs === check.endMs;
    if (same && Array.isArray(last.targets) && Array.isArray(check.targets))
      whole[whole.length - 1] = { ...last, targets: [...last.targets, ...check.targets] };
    else whole.push(check);
  }
  return whole;
}
