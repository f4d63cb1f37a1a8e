import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { AgentRow } from './agent-row.ts';
import { type Arrival, noteArrival } from './register.ts';
import { SessionRejection } from './rejection.ts';

/** Most arrivals per transaction. A transaction blocks the event loop until it is written. */
const MOST_ROWS = 20;

interface Waiting {
  readonly known: AgentRow;
  readonly arrival: Arrival;
  readonly resolve: (row: AgentRow) => void;
  readonly reject: (error: unknown) => void;
}

/** Groups concurrent arrivals of agents into one transaction, since each commit waits for the disk. */
export class ArrivalBook {
  readonly #db: Kysely<ConfigSchema>;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(db: Kysely<ConfigSchema>) {
    this.#db = db;
  }

  /** Resolves with the agent's row once it is durable. @throws SessionRejection if the agent was revoked meanwhile. */
  note(known: AgentRow, arrival: Arrival): Promise<AgentRow> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ known, arrival, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#write(this.#waiting.splice(0, MOST_ROWS));
    }
    this.#running = false;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#db.transaction().execute(async (transaction) => {
        const written: (AgentRow | SessionRejection)[] = [];
        for (const { known, arrival } of group)
          written.push(await noteArrival(transaction, known, arrival).catch(rejectionOf));
        return written;
      });
      group.forEach(({ resolve, reject }, place) => {
        const outcome = outcomes[place];
        if (outcome === undefined || outcome instanceof SessionRejection) reject(outcome);
        else resolve(outcome);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

/** A rejection concerns one agent. Any other fault concerns the whole transaction. */
function rejectionOf(error: unknown): SessionRejection {
  if (error instanceof SessionRejection) return error;
  throw error;
}
