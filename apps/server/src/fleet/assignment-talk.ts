import type { ServerMessage } from '@netsonde/protocol';
import { assignmentHash, assignmentMessages } from './assignment-messages.ts';
import { AssignmentTrack } from './assignment-track.ts';
import type { FleetPlanning } from './ports.ts';

export interface AssignmentTalkParts {
  readonly agent: number;
  /** Hash of the assignment that the agent ran when it connected. null: none. */
  readonly running: string | null;
  readonly planning: Pick<FleetPlanning, 'assignment'>;
  readonly send: (message: ServerMessage) => void;
  readonly warn: (message: string) => void;
  readonly debug?: ((message: string) => void) | undefined;
}

/** A session's exchange about the agent's assignment. */
export class AssignmentTalk {
  readonly #parts: AssignmentTalkParts;
  readonly #track: AssignmentTrack;
  #toldAgain = false;

  constructor(parts: AssignmentTalkParts) {
    this.#parts = parts;
    this.#track = new AssignmentTrack(parts.running);
  }

  /** Whether the agent runs exactly its assignment. */
  get inStep(): boolean {
    return this.#track.inStep;
  }

  /** Sends the agent its assignment if that differs from what it runs or is about to run. */
  assign(): void {
    const { agent, planning, send, debug } = this.#parts;
    const assignment = planning.assignment(agent);
    const hash = assignmentHash(assignment.checks);
    if (!this.#track.want(assignment.revision, hash)) return;
    for (const part of assignmentMessages(assignment, hash)) send(part);
    debug?.(`is sent its assignment: revision ${assignment.revision}, ${assignment.checks.length} checks`);
  }

  /** Handles the agent's report of what it runs. A mismatch is sent again once, then only logged. */
  answered(revision: number, hash: string): void {
    const answer = this.#track.answered(revision, hash);
    if (answer === 'in_step') this.#toldAgain = false;
    if (answer !== 'differs' || this.#toldAgain) return;
    this.#toldAgain = true;
    this.#parts.warn('runs another assignment than it was sent: it is sent again');
    this.assign();
  }
}
