import type { ServerMessage } from '@netsonde/protocol';
import { assignmentHash, assignmentMessages } from './assignment-messages.ts';
import { AssignmentTrack } from './assignment-track.ts';
import type { FleetPlanning } from './ports.ts';

export interface AssignmentTalkParts {
  readonly agent: number;
  /** Hash of what the agent ran when it came; null: nothing. */
  readonly running: string | null;
  readonly planning: Pick<FleetPlanning, 'assignment'>;
  readonly send: (message: ServerMessage) => void;
  readonly warn: (message: string) => void;
  readonly debug?: ((message: string) => void) | undefined;
}

/** What one session says of the agent's work. */
export class AssignmentTalk {
  readonly #parts: AssignmentTalkParts;
  readonly #track: AssignmentTrack;
  #toldAgain = false;

  constructor(parts: AssignmentTalkParts) {
    this.#parts = parts;
    this.#track = new AssignmentTrack(parts.running);
  }

  /** Whether the agent runs exactly what it should. */
  get inStep(): boolean {
    return this.#track.inStep;
  }

  /** Sends the agent what it has to do, where that differs from what it runs or is about to run. */
  assign(): void {
    const { agent, planning, send, debug } = this.#parts;
    const assignment = planning.assignment(agent);
    const hash = assignmentHash(assignment.checks);
    if (!this.#track.want(assignment.revision, hash)) return;
    for (const part of assignmentMessages(assignment, hash)) send(part);
    debug?.(`is sent its assignment: revision ${assignment.revision}, ${assignment.checks.length} checks`);
  }

  /** The agent says what it runs: what differs is sent once more, then only the difference is told. */
  answered(revision: number, hash: string): void {
    const answer = this.#track.answered(revision, hash);
    if (answer === 'in_step') this.#toldAgain = false;
    if (answer !== 'differs' || this.#toldAgain) return;
    this.#toldAgain = true;
    this.#parts.warn('runs another assignment than it was sent: it is sent again');
    this.assign();
  }
}
