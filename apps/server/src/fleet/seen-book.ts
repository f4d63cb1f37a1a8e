import type { BoundedOffset } from '@netsonde/metrics';
import { type Kysely, sql } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';

/** Wait between two writes, ms. A crash loses at most this much, and the agents' next messages replace it. */
const WRITE_EVERY_MS = 2000;
/** Agents per statement. */
const MOST_ROWS = 200;

interface Seen {
  readonly atMs: number;
  /** null: no new clock measurement. */
  readonly clock: BoundedOffset | null;
}

export interface SeenBookParts {
  readonly db: Kysely<ConfigSchema>;
  /** Called when the values of these agents could not be written. */
  readonly failed: (agents: readonly number[], error: unknown) => void;
}

/** When each agent was last heard from, and its clock offset: in memory at once, in the database every few seconds. */
export class SeenBook {
  readonly #parts: SeenBookParts;
  #unwritten = new Map<number, Seen>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: SeenBookParts) {
    this.#parts = parts;
  }

  /** When an agent was last heard from, epoch ms, if the value is not in the database yet. Otherwise undefined. */
  lastMs(agent: number): number | undefined {
    return this.#unwritten.get(agent)?.atMs;
  }

  note(agent: number, atMs: number, clock: BoundedOffset | null): void {
    this.#unwritten.set(agent, { atMs, clock: clock ?? this.#unwritten.get(agent)?.clock ?? null });
    this.#timer ??= setTimeout(() => void this.write(), WRITE_EVERY_MS);
  }

  /** Writes all pending values. Never throws: a failure is reported, and the next messages bring new values. */
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
