import type { BoundedOffset } from '@netsonde/metrics';
import { type Kysely, sql } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** Wait between two writes, ms: a crash loses what was heard within it, which the agents' next messages tell again. */
const WRITE_EVERY_MS = 2000;
/** Agents of one statement. */
const MOST_ROWS = 200;

interface Seen {
  readonly atMs: number;
  /** null: nothing new was measured. */
  readonly clock: BoundedOffset | null;
}

export interface SeenBookParts {
  readonly db: Kysely<ConfigSchema>;
  /** What was heard of these agents could not be written. */
  readonly failed: (agents: readonly number[], error: unknown) => void;
}

/** When each agent was heard of last, and how its clock stands: in memory at once, in the database every few seconds. */
export class SeenBook {
  readonly #parts: SeenBookParts;
  #unwritten = new Map<number, Seen>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: SeenBookParts) {
    this.#parts = parts;
  }

  /** When an agent was heard of last, epoch ms, where the database does not have it yet; else undefined. */
  lastMs(agent: number): number | undefined {
    return this.#unwritten.get(agent)?.atMs;
  }

  note(agent: number, atMs: number, clock: BoundedOffset | null): void {
    this.#unwritten.set(agent, { atMs, clock: clock ?? this.#unwritten.get(agent)?.clock ?? null });
    this.#timer ??= setTimeout(() => void this.write(), WRITE_EVERY_MS);
  }

  /** Writes what is not written yet. Never throws: what fails is reported, and heard of again. */
  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const all = [...this.#unwritten];
    for (let from = 0; from < all.length; from += MOST_ROWS) {
      const rows = all.slice(from, from + MOST_ROWS);
      try {
        await this.#writeRows(rows);
      } catch (error) {
        this.#parts.failed(
          rows.map(([agent]) => agent),
          error,
        );
      }
      for (const [agent, seen] of rows) if (this.#unwritten.get(agent) === seen) this.#unwritten.delete(agent);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #writeRows(rows: readonly (readonly [number, Seen])[]): Promise<void> {
    const values = rows.map(
      ([agent, { atMs, clock }]) => sql`(${agent}, ${atMs}, ${clock?.offsetMs ?? null}, ${clock?.errorMs ?? null})`,
    );
    await sql`WITH seen (agent, at, offset_ms, error_ms) AS (VALUES ${sql.join(values)})
      UPDATE agent SET last_seen_at = seen.at, clock_offset_ms = coalesce(seen.offset_ms, clock_offset_ms),
        clock_error_ms = coalesce(seen.error_ms, clock_error_ms)
      FROM seen WHERE agent.id = seen.agent`.execute(this.#parts.db);
  }
}
