import type { TargetPolicy } from '@netsonde/probes/runtime';
import type { AgentLog } from '../log.ts';
import { type Budget, type BudgetClock, openBudget } from './budget.ts';
import { type ReadPolicy, readPolicy } from './read-policy.ts';
import type { PolicyRules } from './target-policy.ts';

interface RulesPlace {
  readonly policyFile: string;
  readonly budgetFile: string;
  /** Of the command line. */
  readonly flags: PolicyRules;
}

/** The owner's policy and limits, as their file said when it was read last. */
export class OwnerRules {
  readonly #place: RulesPlace;
  readonly #clock: BudgetClock;
  readonly #log: AgentLog;
  #read: ReadPolicy;
  #budget: Budget;
  /** Asks the rules that are in force at each call. */
  readonly policy: TargetPolicy = Object.freeze({ refusal: (address: string) => this.#read.policy.refusal(address) });
  /** Counts against the limits that are in force at each call. */
  readonly budget: Budget = Object.freeze({
    refusal: (cost: Parameters<Budget['refusal']>[0]) => this.#budget.refusal(cost),
    close: () => this.#budget.close(),
  });

  /** Reads the rules. @throws Error where what is spent cannot be counted */
  constructor(place: RulesPlace, clock: BudgetClock, log: AgentLog) {
    this.#place = place;
    this.#clock = clock;
    this.#log = log;
    this.#read = this.#readFile();
    this.#budget = openBudget(place.budgetFile, this.#read.limits, clock);
  }

  /** Why everything is refused; null: it is not. */
  get problem(): string | null {
    return this.#read.problem;
  }

  /** Reads the file again. One that cannot be used closes everything, as at the start. */
  reload(): void {
    const read = this.#readFile();
    this.#read = read;
    this.#budget.close();
    try {
      this.#budget = openBudget(this.#place.budgetFile, read.limits, this.#clock);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#budget = { refusal: () => why, close: () => {} };
      this.#log.error(why);
      return;
    }
    if (read.problem === null) this.#log.info(`the policy in ${this.#place.policyFile} was read again and is in force`);
  }

  #readFile(): ReadPolicy {
    const read = readPolicy(this.#place.policyFile, this.#place.flags);
    if (read.problem !== null) this.#log.error(read.problem);
    return read;
  }
}
