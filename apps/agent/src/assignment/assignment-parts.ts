import type { SentCheck, ServerMessage } from '@netsonde/protocol';
import { assignmentHash } from './assignment-hash.ts';

type AssignPart = Extract<ServerMessage, { type: 'assign' }>;

/** An assignment that arrived whole. */
export interface Arrived {
  readonly revision: number;
  readonly hash: string;
  readonly checks: readonly SentCheck[];
}

/**
 * The most that an agent takes as one assignment. A server fills at least half of each frame, and a check has some 300
 * bytes, so that this is several times what one agent can run.
 */
const MAX_PARTS = 1024;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_CHECKS = 100_000;
/** From the first part to the last, ms: enough for all bytes at half a megabit per second. */
const MAX_MS = 600_000;

/** Joins the parts of an assignment. A part out of order starts over. One beyond the bounds is passed over to its end. */
export class AssignmentParts {
  readonly #nowMs: () => number;
  readonly #refuse: (why: string) => void;
  #revision = -1;
  #parts: AssignPart[] = [];
  #checks = 0;
  #bytes = 0;
  #beganMs = 0;
  /** The revision whose parts are passed over; null: none. */
  #refused: number | null = null;

  /** @param nowMs a monotonic clock. @param refuse told once why an assignment is not taken */
  constructor(nowMs: () => number, refuse: (why: string) => void) {
    this.#nowMs = nowMs;
    this.#refuse = refuse;
  }

  /** Returns the whole assignment with its last part; null before. @throws Error where its hash does not match. */
  add(part: AssignPart): Arrived | null {
    if (part.revision === this.#refused) return null;
    if (part.part === 0 || part.revision !== this.#revision) this.#begin(part.revision);
    if (part.part !== this.#parts.length)
      throw new Error(`part ${part.part} of assignment ${part.revision} came out of turn`);
    this.#parts.push(part);
    this.#checks += part.checks.length;
    this.#bytes += Buffer.byteLength(JSON.stringify(part.checks));
    const excess = this.#excess(part);
    if (excess !== null) {
      this.#begin(part.revision);
      this.#refused = part.revision;
      this.#refuse(`an assignment of the server is refused: ${excess}; the one before stays in force`);
      return null;
    }
    if (this.#parts.length < part.parts) return null;
    const checks = joined(this.#parts.flatMap(({ checks }) => checks));
    this.#begin(part.revision);
    const hash = assignmentHash(checks);
    if (hash !== part.hash)
      throw new Error(`assignment ${part.revision} has the hash ${hash}, announced was ${part.hash}`);
    return { revision: part.revision, hash, checks };
  }

  #begin(revision: number): void {
    this.#revision = revision;
    this.#parts = [];
    this.#checks = 0;
    this.#bytes = 0;
    this.#beganMs = this.#nowMs();
    this.#refused = null;
  }

  /** Which bound the assignment exceeds, in words; null where none. */
  #excess({ parts }: AssignPart): string | null {
    if (parts > MAX_PARTS) return `it has more than ${MAX_PARTS} parts`;
    if (this.#checks > MAX_CHECKS) return `it has more than ${MAX_CHECKS} checks`;
    if (this.#bytes > MAX_BYTES) return `it has more than ${MAX_BYTES / 1024 / 1024} MiB`;
    if (this.#nowMs() - this.#beganMs > MAX_MS) return `it was not whole after ${MAX_MS / 60_000} minutes`;
    return null;
  }
}

/** Merges the parts of each check whose targets were split over several parts. */
function joined(checks: readonly SentCheck[]): readonly SentCheck[] {
  const whole: SentCheck[] = [];
  /** Targets of the last check where it is merged, so that many pieces do not copy them again and again. */
  let targets: unknown[] | null = null;
  for (const check of checks) {
    const last = whole.at(-1);
    const same = last?.check === check.check && last.startMs === check.startMs && last.endMs === check.endMs;
    if (same && Array.isArray(last.targets) && Array.isArray(check.targets)) {
      if (targets === null) {
        targets = [...last.targets];
        whole[whole.length - 1] = { ...last, targets };
      }
      for (const target of check.targets) targets.push(target);
    } else {
      whole.push(check);
      targets = null;
    }
  }
  return whole;
}
