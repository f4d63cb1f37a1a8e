import type { Database } from 'better-sqlite3';
import type { Retention } from '../../result-store.ts';
import { DAY_MS } from '../blocks/chunks.ts';
import { readFolds } from '../blocks/fold-table.ts';
import { DamageNotes, isDamage } from '../damage/damaged.ts';
import { readMeta, writeMeta } from '../meta-table.ts';

/** The instant before which each level is expired, epoch ms, at midnight (UTC), by level (0: the results). 0: nothing is. */
export type Horizons = readonly [number, number, number, number];

const KEYS = ['raw', '5min', '1h', '1d'] as const;

export function horizonsFor(retention: Retention, nowMs: number): Horizons {
  const before = (days: number | null) => (days === null ? 0 : Math.max(0, Math.floor(nowMs / DAY_MS - days) * DAY_MS));
  return KEYS.map((key) => before(retention[key])) as unknown as Horizons;
}

/** Fallback for damaged horizons: results are deleted as far as folds have been swept. */
export function horizonsOfFolds(db: Database): Horizons {
  const swept = readFolds(db, new DamageNotes()).folds.map(({ sweptMs }) => sweptMs);
  return [Math.max(0, ...swept), 0, 0, 0];
}

/** The current horizons. Queries return nothing older, whether its blocks are deleted yet or not. */
export function readHorizons(db: Database): Horizons {
  return KEYS.map((key) => readMeta(db, `retired_${key}`) ?? 0) as unknown as Horizons;
}

/** Up to where each level is being deleted. Folders of earlier versions deleted up to the horizons. */
export function readDeleted(db: Database): Horizons {
  return KEYS.map(
    (key) => readMeta(db, `deleted_${key}`) ?? readMeta(db, `retired_${key}`) ?? 0,
  ) as unknown as Horizons;
}

/** The latest instant up to which results were ever deleted, epoch ms. A clock that was wrong may have set it. */
export const deletedThrough = (db: Database): number =>
  readMeta(db, 'deleted_through') ?? readMeta(db, 'retired_raw') ?? 0;

/** How the horizons move. */
export interface HorizonMove {
  /** By the time that it certainly is at least. */
  readonly least: Horizons;
  /** By the best estimate of the time: a horizon beyond it was set by a wrong clock, or by a shorter retention, and moves back. */
  readonly most: Horizons;
  /** What is past its retention is hidden, and deleted once it was hidden for so long, ms. */
  readonly holdMs: number;
  /** The best estimate of the time, epoch ms. */
  readonly nowMs: number;
}

/** Moves all horizons, and writes all values, which also replaces damaged ones. */
export function moveHorizons(db: Database, { least, most, holdMs, nowMs }: HorizonMove): void {
  const before = sound(db, readHorizons);
  const hidden = least.map((ms, level) => Math.max(ms, Math.min(before[level] ?? 0, most[level] ?? 0)));
  const held = sound(db, (from) => KEYS.map((key) => readMeta(from, `held_${key}`) ?? Infinity) as unknown as Horizons);
  const sinceMs = sound(db, (from) => [readMeta(from, 'held_since') ?? nowMs, 0, 0, 0])[0];
  const isBack = hidden.some((ms, level) => ms < (held[level] ?? 0)) || sinceMs > nowMs;
  const isDue = holdMs === 0 || (!isBack && nowMs - sinceMs >= holdMs);
  const due = holdMs === 0 ? hidden : held;
  const deleted = sound(db, readDeleted).map((ms, level) =>
    Math.min(hidden[level] ?? 0, isDue ? (due[level] ?? 0) : ms),
  );
  const through = sound(db, (from) => [deletedThrough(from), 0, 0, 0])[0];
  db.transaction(() => {
    KEYS.forEach((key, level) => {
      writeMeta(db, `retired_${key}`, hidden[level] ?? 0);
      writeMeta(db, `deleted_${key}`, deleted[level] ?? 0);
      if (isDue || isBack) writeMeta(db, `held_${key}`, hidden[level] ?? 0);
    });
    if (isDue || isBack) writeMeta(db, 'held_since', Math.round(nowMs));
    writeMeta(db, 'deleted_through', Math.max(through, deleted[0] ?? 0));
  })();
}

function sound(db: Database, read: (db: Database) => Horizons): Horizons {
  try {
    return read(db);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return horizonsOfFolds(db);
  }
}
