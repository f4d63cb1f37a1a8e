/** An assignment that was sent and not answered yet. */
interface Sent {
  readonly revision: number;
  readonly hash: string;
}

/** What an answer of the agent means. */
export type Answer = 'in_step' | 'more_to_come' | 'differs';

/**
 * What one agent was told to do and what it says it does. Assignments follow each other on one connection and are answered
 * in order, so an answer belongs to the assignment that it names, not to the newest one.
 */
export class AssignmentTrack {
  /** What the agent ran by its last word; null: nothing. */
  #running: string | null;
  #unanswered: readonly Sent[] = [];
  /** What it should run; null: it has not been worked out yet. */
  #wanted: string | null = null;

  constructor(running: string | null) {
    this.#running = running;
  }

  /** Whether the agent runs exactly what it should. */
  get inStep(): boolean {
    return this.#wanted !== null && this.#unanswered.length === 0 && this.#running === this.#wanted;
  }

  /** The agent should do this from now on. true: it must be sent, since it is not what the agent runs or will run. */
  want(revision: number, hash: string): boolean {
    this.#wanted = hash;
    const heading = this.#unanswered.at(-1)?.hash ?? this.#running;
    if (heading === hash) return false;
    this.#unanswered = [...this.#unanswered, { revision, hash }];
    return true;
  }

  /**
   * The agent says what it runs now, as an answer or at a session's beginning. One that runs what nobody sent it makes
   * everything open void.
   */
  answered(revision: number, hash: string): Answer {
    const place = this.#unanswered.findIndex((sent) => sent.revision === revision && sent.hash === hash);
    if (place < 0 && this.#unanswered.length > 0 && hash === this.#running) return 'more_to_come';
    this.#unanswered = place < 0 ? [] : this.#unanswered.slice(place + 1);
    this.#running = hash;
    if (this.#unanswered.length > 0) return 'more_to_come';
    return this.inStep ? 'in_step' : 'differs';
  }
}
