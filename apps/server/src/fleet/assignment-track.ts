/** An assignment that is sent and not answered yet. */
interface Sent {
  readonly revision: number;
  readonly hash: string;
}

/** How to react to an agent's answer. */
export type AnswerReaction = 'in_step' | 'more_to_come' | 'differs';

/**
 * Tracks what one agent was sent and what it reports to run. An agent answers assignments in order on one connection,
 * so an answer belongs to the assignment that it names, not to the newest one.
 */
export class AssignmentTrack {
  /** What the agent last reported to run. null: nothing. */
  #running: string | null;
  #unanswered: readonly Sent[] = [];
  /** What the agent should run. null: not computed yet. */
  #wanted: string | null = null;

  constructor(running: string | null) {
    this.#running = running;
  }

  /** Whether the agent runs exactly its assignment. */
  get inStep(): boolean {
    return this.#wanted !== null && this.#unanswered.length === 0 && this.#running === this.#wanted;
  }

  /** Sets what the agent should run. true: it must be sent, since the agent does not run it or expect to. */
  want(revision: number, hash: string): boolean {
    this.#wanted = hash;
    const heading = this.#unanswered.at(-1)?.hash ?? this.#running;
    if (heading === hash) return false;
    this.#unanswered = [...this.#unanswered, { revision, hash }];
    return true;
  }

  /**
   * Records what the agent reports to run, as an answer or at the start of a session. If it runs what the server did not
   * send, all pending assignments are void.
   */
  answered(revision: number, hash: string): AnswerReaction {
    const place = this.#unanswered.findIndex((sent) => sent.revision === revision && sent.hash === hash);
    if (place < 0 && this.#unanswered.length > 0 && hash === this.#running) return 'more_to_come';
    this.#unanswered = place < 0 ? [] : this.#unanswered.slice(place + 1);
    this.#running = hash;
    if (this.#unanswered.length > 0) return 'more_to_come';
    return this.inStep ? 'in_step' : 'differs';
  }
}
