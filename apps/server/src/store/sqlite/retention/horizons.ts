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

/**
 * The current horizons. Queries return nothing older, whether its blocks are deleted yet or not. A horizon never moves
 * back, since a longer retention cannot restore deleted data.
 */
export function readHorizons(db: Database): Horizons {
  return KEYS.map((key) => readMeta(db, `retired_${key}`) ?? 0) as unknown as Horizons;
}

/** Writes all horizons, which also replaces damaged values. */
function horizonsBefore(db: Database): Horizons {
  try {
    return readHorizons(db);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return horizonsOfFolds(db);
  }
}

export function moveHorizons(db: Database, horizons: Horizons): void {
  const before = horizonsBefore(db);
  db.transaction(() => {
    KEYS.forEach((key, level) => {
      writeMeta(db, `retired_${key}`, Math.max(before[level] ?? 0, horizons[level] ?? 0));
    });
  })();
}
