import type { Database } from 'better-sqlite3';
import type { Retention } from '../../result-store.ts';
import { DAY_MS } from '../blocks/chunks.ts';
import { readMeta, writeMeta } from '../meta-table.ts';

/** Before which instant each level is retired, epoch ms, at midnight (UTC); by level number, 0 being the results. 0: nothing is. */
export type Horizons = readonly [number, number, number, number];

const KEYS = ['raw', '5min', '1h', '1d'] as const;

export function horizonsFor(retention: Retention, nowMs: number): Horizons {
  const before = (days: number | null) => (days === null ? 0 : Math.max(0, Math.floor(nowMs / DAY_MS - days) * DAY_MS));
  return KEYS.map((key) => before(retention[key])) as unknown as Horizons;
}

/**
 * What retention has said so far: queries show nothing older, whether or not its blocks are deleted yet. A longer
 * retention brings nothing back, so a horizon never goes back.
 */
export function readHorizons(db: Database): Horizons {
  return KEYS.map((key) => readMeta(db, `retired_${key}`) ?? 0) as unknown as Horizons;
}

export function moveHorizons(db: Database, horizons: Horizons): void {
  const before = readHorizons(db);
  db.transaction(() => {
    KEYS.forEach((key, level) => {
      writeMeta(db, `retired_${key}`, Math.max(before[level] ?? 0, horizons[level] ?? 0));
    });
  })();
}
