import { join } from 'node:path';
import { nextInstant, phaseMs } from '@netsonde/protocol';
import Database from 'better-sqlite3';

/** The fields that determine the instants of a series. */
interface Planned {
  readonly agent: number;
  readonly check: number;
  readonly target: number;
  readonly intervalMs: number;
}

/** The first `count` planned instants at or after `fromMs`. */
export function plannedInstants(
  { agent, check, target, intervalMs }: Planned,
  fromMs: number,
  count: number,
): readonly number[] {
  const grid = { intervalMs, phaseMs: phaseMs(agent, check, target, intervalMs), startMs: 0, endMs: null };
  const first = nextInstant(grid, fromMs) ?? 0;
  return Array.from({ length: count }, (_, i) => first + i * intervalMs);
}

/** Moves the start of all spans to `fromMs`, as if the tests had run since. Call it before the first record is sent. */
export function backdatePlan({ folder }: { readonly folder: string }, fromMs: number): void {
  const db = new Database(join(folder, 'netsonde.db'));
  db.prepare('UPDATE assignment_span SET from_ms = ?').run(fromMs);
  db.close();
}
