import type { RunRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import type { LayoutBook } from '../codec/layouts.ts';

/** Layouts that one agent's results may add. The probes of this version have a few hundred at the most. */
export const MOST_LAYOUTS = 4096;

export const AGENT_LAYOUT_TABLE =
  'CREATE TABLE IF NOT EXISTS agent_layouts (agent INTEGER PRIMARY KEY, count INTEGER NOT NULL);';

/** How many layouts each agent's results added to those kept for good, counted durably in the writer's transaction. */
export class AgentLayouts {
  readonly #book: LayoutBook;
  readonly #select;
  readonly #count;
  readonly #byAgent = new Map<number, number>();

  constructor(db: Database, book: LayoutBook) {
    this.#book = book;
    this.#select = db.prepare('SELECT count FROM agent_layouts WHERE agent = ?').pluck();
    this.#count = db.prepare(
      'INSERT INTO agent_layouts VALUES (?, 1) ON CONFLICT (agent) DO UPDATE SET count = count + 1',
    );
  }

  /** What is wrong with a sound result: it adds a layout too many. null: nothing; its layouts are kept. */
  fault(agent: number, { metrics, absent, samples, instances }: RunRecord): string | null {
    const fault = this.#fault(agent, 'metrics', { metrics, absent, ...(samples === undefined ? {} : { samples }) });
    if (fault !== null || instances === undefined) return fault;
    for (let i = 0; i < instances.length; i += 1) {
      const instance = instances[i];
      const inside = instance === undefined ? null : this.#fault(agent, `instances.${i}.metrics`, instance);
      if (inside !== null) return inside;
    }
    return null;
  }

  /** Counts again when next asked: a transaction was undone. */
  clear(): void {
    this.#byAgent.clear();
  }

  #fault(
    agent: number,
    path: string,
    { metrics, absent, samples }: Pick<RunRecord, 'metrics' | 'absent' | 'samples'>,
  ): string | null {
    if (this.#book.find(metrics, absent, samples) !== undefined) return null;
    const count = this.#byAgent.get(agent) ?? (this.#select.get(agent) as number | undefined) ?? 0;
    if (count >= MOST_LAYOUTS)
      return `${path}: this agent's results have ${MOST_LAYOUTS} other sets of metrics and absences: no more are kept`;
    this.#book.idFor(metrics, absent, samples);
    this.#count.run(agent);
    this.#byAgent.set(agent, count + 1);
    return null;
  }
}
