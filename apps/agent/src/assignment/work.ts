import type { Cost } from '@netsonde/probes/catalog';
import type { AssignedCheck, SentCheck } from '@netsonde/protocol';
import type { AgentLog } from '../log.ts';
import type { ReadyCheck } from '../runs/run-check.ts';
import { type KeptAssignment, keepAssignment, readAssignment } from './assignment-file.ts';
import { assignmentHash } from './assignment-hash.ts';
import { readChecks } from './read-checks.ts';
import { type Abilities, type RefusedCheck, readyChecks } from './ready-checks.ts';

/** An assignment that the agent runs. */
export interface InForce {
  readonly revision: number;
  readonly hash: string;
  readonly refused: readonly RefusedCheck[];
}

/** A check that can run against a target, and what one run of it costs at most. */
export interface Doable {
  readonly check: ReadyCheck;
  readonly cost: Cost;
}

/** The assignment: stored on disk, and split into what can run and what is refused. */
export class Work {
  readonly #path: string;
  readonly #abilities: Abilities;
  readonly #log: AgentLog;
  #doable = new Map<string, Doable>();
  #inForce: InForce | null = null;
  #sent: readonly SentCheck[] = [];

  constructor(path: string, abilities: Abilities, log: AgentLog) {
    this.#path = path;
    this.#abilities = abilities;
    this.#log = log;
  }

  /** The assignment in force; null: none. */
  get inForce(): InForce | null {
    return this.#inForce;
  }

  /** undefined where the agent refuses it. */
  doable(check: number, target: number): Doable | undefined {
    return this.#doable.get(`${check}/${target}`);
  }

  /** Stores the assignment. Where the disk cannot, the agent logs that and runs it all the same. */
  keep(agentId: number, revision: number, checks: readonly SentCheck[]): void {
    try {
      keepAssignment(this.#path, agentId, revision, checks);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      this.#log.error(
        `the assignment is in force but could not be kept (${why}): free the disk, or a restart begins with the one before`,
      );
    }
  }

  /** The stored assignment; null where none can be read. */
  kept(): KeptAssignment | null {
    try {
      return readAssignment(this.#path);
    } catch (error) {
      this.#log.error(`${error instanceof Error ? error.message : error}; the agent waits for the server's`);
      return null;
    }
  }

  /** Decides again what can run, as the owner's rules have changed. The server hears of it at the next assignment. */
  again(): void {
    if (this.#inForce !== null) this.enforce(this.#inForce.revision, this.#sent);
  }

  /** Activates an assignment. Returns its valid checks: the agent accounts for each of their instants. */
  enforce(revision: number, sent: readonly SentCheck[]): readonly AssignedCheck[] {
    this.#sent = sent;
    const { checks, refused: wrong } = readChecks(sent);
    const { ready, refused: unfit } = readyChecks(checks, this.#abilities);
    this.#doable = new Map(ready.flatMap(doables));
    const refused = [...wrong, ...unfit].sort((a, b) => a.check - b.check);
    this.#inForce = { revision, hash: assignmentHash(sent), refused };
    this.#log.info(
      `the assignment has ${sent.length} checks: ${this.#doable.size} series to run${refusedWords(refused)}`,
    );
    return checks;
  }
}

function refusedWords(refused: readonly RefusedCheck[]): string {
  const whole = refused.filter(({ target }) => target === undefined).length;
  const targets = refused.length - whole;
  return [whole > 0 ? `; ${whole} checks are refused` : '', targets > 0 ? `; ${targets} targets are refused` : ''].join(
    '',
  );
}

function doables(check: ReadyCheck): readonly (readonly [string, Doable])[] {
  const one = { check, cost: check.descriptor.cost(check.options) };
  return [...check.targets.keys()].map((target) => [`${check.check.check}/${target}`, one] as const);
}
